import { createHash } from 'node:crypto'
import { HashAlgorithm } from '@sigstore/protobuf-specs'
import { Entry, type HashedRekordRequestV002 } from '@sigstore/protobuf-specs/rekor/v2'
import type { EntryBody } from './transparency-log.ts'

/** A DSSE envelope as JSON has it: everything in base64. */
export interface EnvelopeJson {
  readonly payloadType: string
  readonly payload: string
  readonly signatures: readonly { readonly sig: string }[]
}

interface HashedRekord {
  /** SHA-256 of what was signed. */
  readonly digest: Buffer
  readonly signature: Buffer
  /** The certificate or the public key, in PEM. */
  readonly verifier: string
}

/** What Rekor v1 keeps of a signature over a digest (`hashedrekord` 0.0.1). */
export function hashedRekordBody({ digest, signature, verifier }: HashedRekord): EntryBody {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: {
        content: signature.toString('base64'),
        publicKey: { content: Buffer.from(verifier).toString('base64') },
      },
    },
  }
}

/** What Rekor v1 keeps of a DSSE envelope with one signature (`dsse` 0.0.1); the verifier is a certificate or a public key in PEM. */
export function dsseBody(envelopeText: string, verifier: string): EntryBody {
  const { payload, signatures } = JSON.parse(envelopeText) as EnvelopeJson
  const [{ sig } = { sig: '' }] = signatures
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: sha256Of(envelopeText),
      payloadHash: sha256Of(Buffer.from(payload, 'base64')),
      signatures: [{ signature: sig, verifier: Buffer.from(verifier).toString('base64') }],
    },
  }
}

/** What Rekor v2 keeps of a signature over a digest (`hashedrekord` 0.0.2). */
export function hashedRekordBodyV2({ digest, signature }: HashedRekordRequestV002): EntryBody {
  const entry = Entry.toJSON({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      spec: {
        $case: 'hashedRekordV002',
        hashedRekordV002: { data: { algorithm: HashAlgorithm.SHA2_256, digest }, signature },
      },
    },
  })
  return entry as EntryBody
}

function sha256Of(bytes: string | Buffer): { readonly algorithm: string; readonly value: string } {
  return { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') }
}
