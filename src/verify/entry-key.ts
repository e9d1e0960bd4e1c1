import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { SignedEntity } from '@sigstore/verify'
import { isJsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'

/** Where an entry of each kind and version names the key or the certificate that it was made with (rekor, pkg/types; rekor-tiles, api/proto). */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  'dsse 0.0.1': ['spec', 'signatures', '0', 'verifier'],
  'intoto 0.0.2': ['spec', 'content', 'envelope', 'signatures', '0', 'publicKey'],
  'hashedrekord 0.0.1': ['spec', 'signature', 'publicKey', 'content'],
  'dsse 0.0.2': ['spec', 'dsseV002', 'signatures', '0', 'verifier'],
  'hashedrekord 0.0.2': ['spec', 'hashedRekordV002', 'signature', 'verifier'],
}

/**
 * The key that an entry of a log says the signature was made with; undefined where it does not. Whoever watches the log for misuse of a key
 * looks for it there. Throws an Error when it cannot be read.
 */
export function entryKey({ canonicalizedBody }: SignedEntity['tlogEntries'][number]): KeyObject | undefined {
  const body = readJson(canonicalizedBody) ?? {}
  const verifier = (PLACES[`${body.kind} ${body.apiVersion}`] ?? []).reduce<unknown>(inside, body)
  if (typeof verifier === 'string') return createPublicKey(Buffer.from(verifier, 'base64'))
  const certificate = inside(inside(verifier, 'x509Certificate'), 'rawBytes')
  if (typeof certificate === 'string') {
    return new X509Certificate(Buffer.from(certificate, 'base64')).publicKey
  }
  const key = inside(inside(verifier, 'publicKey'), 'rawBytes')
  if (typeof key !== 'string') return undefined
  return createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
}

function inside(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)]
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
