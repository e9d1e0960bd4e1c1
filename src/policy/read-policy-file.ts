import type { KeyObject } from 'node:crypto'
import { dirname } from 'node:path'
import { readTextFile } from '../files/read-text-file.ts'
import { parsePolicy } from './parse-policy.ts'
import type { VerificationPolicy } from './policy.ts'

/** What reading a policy file needs from around it. */
export interface PolicySurroundings {
  readonly workingDirectory: string
  /**
   * Loads the public key at a place: a path, which starts at `directory`, `env://NAME` or the URI of a KMS. Throws a PromotionError of kind
   * `input`.
   */
  loadKey(place: string, directory: string): Promise<KeyObject>
}

/**
 * Reads a policy file and the keys it names, whose paths start at the folder that it lies in. Throws all problems together, as
 * PromotionErrors of kind `input` with their location.
 */
export async function readPolicyFile(path: string, around: PolicySurroundings): Promise<VerificationPolicy> {
  const { text } = await readTextFile(path, around.workingDirectory)
  return parsePolicy(text, path, (place) => around.loadKey(place, dirname(path)))
}
