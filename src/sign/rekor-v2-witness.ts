import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { dsse } from '@sigstore/core'
import { PublicKeyDetails, TransparencyLogEntry } from '@sigstore/protobuf-specs'
import { CreateEntryRequest, type Verifier } from '@sigstore/protobuf-specs/rekor/v2'
import type { SignatureBundle, VerificationMaterial, Witness } from '@sigstore/sign'
import { isJsonObject } from '../oci/descriptor.ts'
import { askForJson, type ServiceHttp, unusable } from './ask-service.ts'
import { apiUrl } from './service-url.ts'
import { signatureOf } from './signature-of.ts'

const QUESTION = {
  wanted: 'an entry in the transparency log',
  namedBy: 'the signing config',
  hintOfConflict:
    'The log has this signature and gives its entry only once: run again; with an RSA key, which signs the same each time, state another annotation or use a log of version 1.',
} as const

const RSA_DETAILS: Readonly<Record<number, PublicKeyDetails>> = {
  2048: PublicKeyDetails.PKIX_RSA_PKCS1V15_2048_SHA256,
  3072: PublicKeyDetails.PKIX_RSA_PKCS1V15_3072_SHA256,
  4096: PublicKeyDetails.PKIX_RSA_PKCS1V15_4096_SHA256,
}

/**
 * Enters signatures into a log with version 2 of Rekor's API (rekor-tiles, rekor_service.proto), which takes `hashedrekord` alone: of a DSSE
 * envelope it gets the digest of what was signed (DSSE protocol, "Signature Definition").
 */
export class RekorV2Witness implements Witness {
  readonly #log: URL
  readonly #http: ServiceHttp

  /** `log` comes without the path of its API. */
  constructor(log: URL, http: ServiceHttp) {
    this.#log = log
    this.#http = http
  }

  /** `verifier` is the public key or the certificate, in PEM. */
  async testify(content: SignatureBundle, verifier: string): Promise<VerificationMaterial> {
    const url = apiUrl(this.#log, '/api/v2/log/entries')
    const question = { ...QUESTION, url }
    const { value } = await askForJson(this.#http, { ...question, json: entryRequest(content, verifier) })
    const entry = readEntry(value)
    if (entry === undefined) throw unusable(question, 'something that is not an entry with its proof')
    return { tlogEntries: [entry] }
  }
}

function entryRequest(content: SignatureBundle, verifier: string): unknown {
  const signature = { content: signatureOf(content), verifier: readVerifier(verifier) }
  return CreateEntryRequest.toJSON({
    spec: {
      $case: 'hashedRekordRequestV002',
      hashedRekordRequestV002: { digest: digestOf(content), signature },
    },
  })
}

function digestOf(content: SignatureBundle): Buffer {
  if (content.$case === 'messageSignature') return content.messageSignature.messageDigest.digest
  const { payloadType, payload } = content.dsseEnvelope
  return createHash('sha256').update(dsse.preAuthEncoding(payloadType, payload)).digest()
}

function readVerifier(pem: string): Verifier {
  if (!pem.startsWith('-----BEGIN CERTIFICATE')) {
    const key = createPublicKey(pem)
    const rawBytes = key.export({ type: 'spki', format: 'der' })
    return { verifier: { $case: 'publicKey', publicKey: { rawBytes } }, keyDetails: detailsOf(key) }
  }
  const { publicKey, raw } = new X509Certificate(pem)
  return {
    verifier: { $case: 'x509Certificate', x509Certificate: { rawBytes: raw } },
    keyDetails: detailsOf(publicKey),
  }
}

/** Of the kinds of keys that are accepted for signing: ECDSA on P-256, and RSA. */
function detailsOf({ asymmetricKeyDetails }: KeyObject): PublicKeyDetails {
  const { modulusLength } = asymmetricKeyDetails ?? {}
  return modulusLength === undefined
    ? PublicKeyDetails.PKIX_ECDSA_P256_SHA_256
    : (RSA_DETAILS[modulusLength] ?? PublicKeyDetails.PUBLIC_KEY_DETAILS_UNSPECIFIED)
}

/** Undefined when a verifier would miss something in it. */
function readEntry(value: unknown) {
  const entry = parseEntry(value)
  if (entry?.logId === undefined || entry.kindVersion === undefined) return undefined
  const { logId, kindVersion, inclusionProof } = entry
  return inclusionProof?.checkpoint === undefined ? undefined : { ...entry, logId, kindVersion }
}

function parseEntry(value: unknown): TransparencyLogEntry | undefined {
  try {
    return isJsonObject(value) ? TransparencyLogEntry.fromJSON(value) : undefined
  } catch {
    // It throws a TypeError for whatever has another type than the specification says.
    return undefined
  }
}
