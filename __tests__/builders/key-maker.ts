import type { KeyObject } from 'node:crypto'
import { KeyCredential } from '../../src/sign/key-credential.ts'
import { SignatureMaker } from '../../src/sign/signature-maker.ts'

/** Makes signatures with a private key and nothing else. */
export function keyMaker(key: KeyObject): SignatureMaker {
  return new SignatureMaker(new KeyCredential(key))
}
