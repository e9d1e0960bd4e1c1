import { createPublicKey, verify } from 'node:crypto'
import { dsse } from '@sigstore/core'
import type { TransparencyLogEntry } from '@sigstore/protobuf-specs'
import { type Answer, jsonAnswer } from '../registry-exchange.ts'
import { dsseBody, type EnvelopeJson, hashedRekordBody } from './entry-bodies.ts'
import { leafHash } from './merkle-log.ts'
import { jsonOf, ServiceError, type SigstoreRequest } from './sigstore-request.ts'
import type { EntryBody, TransparencyLog } from './transparency-log.ts'

interface ProposedEntry {
  readonly kind: string
  readonly apiVersion: string
  readonly spec: {
    readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly [string] }
    readonly data: { readonly hash: { readonly algorithm: string; readonly value: string } }
    readonly signature: { readonly content: string; readonly publicKey: { readonly content: string } }
  }
}

const ENTRIES = '/api/v1/log/entries'

/** The part of Rekor v1's API that signers use: `dsse` and `hashedrekord` entries are added and read. */
export class RekorV1 {
  readonly #log: TransparencyLog
  readonly #entries = new Map<string, TransparencyLogEntry>()

  constructor(log: TransparencyLog) {
    this.#log = log
  }

  answer(request: SigstoreRequest): Answer {
    const { method, path } = request
    if (method === 'POST' && path === ENTRIES) return this.#add(canonicalBody(jsonOf(request)))
    const uuid = path.slice(ENTRIES.length + 1)
    const entry = this.#entries.get(uuid)
    if (method !== 'GET' || entry === undefined) throw new ServiceError(404, `${path} does not exist`)
    return jsonAnswer(200, { [uuid]: toJson(entry) })
  }

  #add(body: EntryBody): Answer {
    const entry = this.#log.append(body)
    const uuid = leafHash(entry.canonicalizedBody).toString('hex')
    const location = `${ENTRIES}/${uuid}`
    if (this.#entries.has(uuid)) return jsonAnswer(409, { code: 409, message: 'exists' }, { location })
    this.#entries.set(uuid, entry)
    return jsonAnswer(201, { [uuid]: toJson(entry) }, { etag: uuid, location })
  }
}

function canonicalBody(proposed: unknown): EntryBody {
  const { kind, apiVersion, spec } = proposed as ProposedEntry
  if (apiVersion === '0.0.1' && kind === 'dsse') {
    const [verifier] = spec.proposedContent.verifiers.map(decode)
    return checkedDsse(spec.proposedContent.envelope, verifier ?? '')
  }
  if (apiVersion === '0.0.1' && kind === 'hashedrekord') {
    const { data, signature } = spec
    if (data.hash.algorithm !== 'sha256') throw new ServiceError(400, `hashed with ${data.hash.algorithm}`)
    return hashedRekordBody({
      digest: Buffer.from(data.hash.value, 'hex'),
      signature: Buffer.from(signature.content, 'base64'),
      verifier: decode(signature.publicKey.content),
    })
  }
  throw new ServiceError(400, `entries of ${kind} ${apiVersion} are not taken`)
}

function checkedDsse(envelopeText: string, verifier: string): EntryBody {
  const { payloadType, payload, signatures } = JSON.parse(envelopeText) as EnvelopeJson
  const signed = dsse.preAuthEncoding(payloadType, Buffer.from(payload, 'base64'))
  const [{ sig } = { sig: '' }] = signatures
  const holds = verify('sha256', signed, createPublicKey(verifier), Buffer.from(sig, 'base64'))
  if (!holds) throw new ServiceError(400, 'the signature does not match the verifier')
  return dsseBody(envelopeText, verifier)
}

/** An entry in the form of Rekor v1's API (its openapi.yaml, LogEntry). */
function toJson(entry: TransparencyLogEntry): unknown {
  const proof = entry.inclusionProof
  return {
    body: entry.canonicalizedBody.toString('base64'),
    integratedTime: Number(entry.integratedTime),
    logID: entry.logId?.keyId.toString('hex'),
    logIndex: Number(entry.logIndex),
    verification: {
      inclusionProof: {
        checkpoint: proof?.checkpoint?.envelope,
        hashes: proof?.hashes.map((hash) => hash.toString('hex')),
        logIndex: Number(proof?.logIndex),
        rootHash: proof?.rootHash.toString('hex'),
        treeSize: Number(proof?.treeSize),
      },
      signedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp.toString('base64'),
    },
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString()
}
