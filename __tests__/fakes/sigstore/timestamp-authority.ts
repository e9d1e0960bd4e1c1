import { createHash, generateKeyPairSync } from 'node:crypto'
import { ASN1Obj } from '@sigstore/core'
// Its parts and not its whole: that one loads nock, which takes over every HTTP request of the process.
import { tsaHandler } from '@sigstore/mock/dist/timestamp/handler.js'
import { initializeTSA, type TimestampRequest, type TSA } from '@sigstore/mock/dist/timestamp/tsa.js'
import { type Answer, answer } from '../registry-exchange.ts'
import { ServiceError, type SigstoreRequest } from './sigstore-request.ts'

const POLICY = '1.3.6.1.4.1.57264.2'
const SHA256 = '2.16.840.1.101.3.4.2.1'
const NONCE = 1

/** A timestamp authority that takes requests in DER (RFC 3161), as cosign sends them, and in JSON, as @sigstore/sign does. */
export class TimestampAuthority {
  readonly #authority: TSA
  readonly #clock: Date

  private constructor(authority: TSA, clock: Date) {
    this.#authority = authority
    this.#clock = clock
  }

  static async create(): Promise<TimestampAuthority> {
    const clock = new Date()
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return new TimestampAuthority(await initializeTSA(keys, clock), clock)
  }

  /** The signing certificate and the root, in DER. */
  get certificates(): readonly Buffer[] {
    return [this.#authority.intCertificate, this.#authority.rootCertificate].map(toBuffer)
  }

  /** The response to a request for a signature's time. */
  async timestamp(signature: Buffer, at: Date = new Date()): Promise<Buffer<ArrayBuffer>> {
    const artifactHash = createHash('sha256').update(signature).digest()
    return this.#stamp(
      { artifactHash, hashAlgorithmOID: SHA256, nonce: NONCE, policyOID: POLICY, certReq: true },
      at,
    )
  }

  async answer({ method, path, headers, body }: SigstoreRequest): Promise<Answer> {
    if (method !== 'POST' || path !== '/api/v1/timestamp')
      throw new ServiceError(404, `${path} does not exist`)
    const response = headers['content-type']?.includes('json')
      ? await this.#answerJson(body)
      : await this.#stamp(parseRequest(body), new Date())
    return answer(201, { 'content-type': 'application/timestamp-reply' }, response)
  }

  async #answerJson(body: Buffer): Promise<Buffer> {
    const authority = {
      ...this.#authority,
      timestamp: (request: TimestampRequest) => this.#stamp(request, new Date()),
    }
    const { statusCode, response } = await tsaHandler(authority).fn(body.toString())
    if (typeof response === 'string') throw new ServiceError(statusCode, response)
    return toBuffer(response)
  }

  /** States whole seconds: verifiers disagree about fractions that end in a zero. */
  async #stamp(request: TimestampRequest, at: Date): Promise<Buffer<ArrayBuffer>> {
    this.#clock.setTime(Math.floor(at.getTime() / 1000) * 1000)
    return toBuffer(await this.#authority.timestamp(request))
  }
}

/** A request in DER (RFC 3161, section 2.4.1); what it does not say is as @sigstore/mock has it. */
function parseRequest(body: Buffer): TimestampRequest {
  const [, imprint, ...optional] = ASN1Obj.parseBuffer(body as Buffer<ArrayBuffer>).subs
  const [algorithm, hash] = imprint?.subs ?? []
  const hashAlgorithmOID = algorithm?.subs[0]?.toOID()
  if (hash === undefined || hashAlgorithmOID === undefined)
    throw new ServiceError(400, 'not a timestamp query')
  const nonce = Number(optional.find(({ tag }) => tag.isInteger())?.toInteger() ?? NONCE)
  if (!Number.isSafeInteger(nonce)) throw new ServiceError(400, 'nonces above 2^53 are not taken')
  const certReq = optional.find(({ tag }) => tag.isBoolean())?.toBoolean() ?? false
  return {
    artifactHash: hash.value,
    hashAlgorithmOID,
    nonce,
    policyOID: POLICY,
    certReq,
  }
}

function toBuffer({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(buffer, byteOffset, byteLength)
}
