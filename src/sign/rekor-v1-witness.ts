import { type Bundle, envelopeToJSON } from '@sigstore/bundle'
import type { SignatureBundle, VerificationMaterial, Witness } from '@sigstore/sign'
import { isJsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import { askForJson, type ServiceHttp, unusable } from './ask-service.ts'
import { apiUrl } from './service-url.ts'

type LogEntry = Bundle['verificationMaterial']['tlogEntries'][number]

const WANTED = 'an entry in the transparency log'
const NAMED_BY = '`rekor-url` or the signing config'
const CONFLICT = 409

/**
 * Enters signatures into a log with version 1 of Rekor's API (rekor, openapi.yaml): a DSSE envelope as `dsse`, a signature over bytes as
 * `hashedrekord`. An entry that is there already is as good as a new one.
 */
export class RekorV1Witness implements Witness {
  readonly #log: URL
  readonly #http: ServiceHttp

  /** `log` comes without the path of its API. */
  constructor(log: URL, http: ServiceHttp) {
    this.#log = log
    this.#http = http
  }

  /** `verifier` is the public key or the certificate, in PEM. */
  async testify(content: SignatureBundle, verifier: string): Promise<VerificationMaterial> {
    const url = apiUrl(this.#log, '/api/v1/log/entries')
    const question = { wanted: WANTED, url, namedBy: NAMED_BY }
    const json = proposedEntry(content, verifier)
    const added = await askForJson(this.#http, { ...question, json, expect: [CONFLICT] })
    const { status, headers } = added.answer
    const value = status === CONFLICT ? await this.#standing(url, headers.location) : added.value
    const entry = readEntry(value)
    if (entry === undefined) throw unusable(question, 'something that is not an entry with proof and promise')
    return { tlogEntries: [entry] }
  }

  /** Of the place that the log names only the identifier counts: where the log is has been said. */
  async #standing(url: URL, location = ''): Promise<unknown> {
    const identifier = /[0-9a-f]{64,80}$/.exec(location)?.[0]
    const question = { wanted: WANTED, namedBy: NAMED_BY }
    if (identifier === undefined)
      throw unusable({ ...question, url }, 'an entry that is there, but not where')
    const { value } = await askForJson(this.#http, { ...question, url: new URL(`${url.href}/${identifier}`) })
    return value
  }
}

function proposedEntry(content: SignatureBundle, verifier: string): unknown {
  const key = Buffer.from(verifier).toString('base64')
  if (content.$case === 'dsseEnvelope') {
    const envelope = JSON.stringify(envelopeToJSON(content.dsseEnvelope))
    return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: { envelope, verifiers: [key] } } }
  }
  const { messageDigest, signature } = content.messageSignature
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: messageDigest.digest.toString('hex') } },
      signature: { content: signature.toString('base64'), publicKey: { content: key } },
    },
  }
}

/** The one entry of an answer, by its identifier; undefined when a verifier would miss something in it. */
function readEntry(value: unknown): LogEntry | undefined {
  const [json, ...others] = isJsonObject(value) ? Object.values(value) : []
  if (!isJsonObject(json) || others.length > 0) return undefined
  const { body, integratedTime, logIndex, logID, verification } = json
  const { inclusionProof, signedEntryTimestamp } = isJsonObject(verification) ? verification : {}
  const proof = readProof(inclusionProof)
  const kindVersion = readKind(body)
  if (typeof body !== 'string' || typeof logID !== 'string' || typeof signedEntryTimestamp !== 'string')
    return
  if (!isCount(integratedTime) || !isCount(logIndex) || proof === undefined || kindVersion === undefined)
    return
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex') },
    kindVersion,
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64') },
    inclusionProof: proof,
    canonicalizedBody: Buffer.from(body, 'base64'),
  }
}

function readProof(value: unknown): LogEntry['inclusionProof'] {
  if (!isJsonObject(value)) return undefined
  const { checkpoint, hashes, logIndex, rootHash, treeSize } = value
  if (!isCount(logIndex) || !isCount(treeSize) || !Array.isArray(hashes)) return undefined
  if (typeof rootHash !== 'string' || typeof checkpoint !== 'string') return undefined
  return {
    logIndex: String(logIndex),
    treeSize: String(treeSize),
    rootHash: Buffer.from(rootHash, 'hex'),
    hashes: hashes.map((hash) => Buffer.from(String(hash), 'hex')),
    checkpoint: { envelope: checkpoint },
  }
}

function readKind(body: unknown): LogEntry['kindVersion'] | undefined {
  if (typeof body !== 'string') return undefined
  const { kind, apiVersion } = readJson(Buffer.from(body, 'base64')) ?? {}
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return undefined
  return { kind, version: apiVersion }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
