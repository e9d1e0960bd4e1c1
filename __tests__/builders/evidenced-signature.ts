import { createHash } from 'node:crypto'
import { PublicKeyDetails, TransparencyLogEntry } from '@sigstore/protobuf-specs'
import type { Annotations, Descriptor, JsonObject } from '../../src/oci/descriptor.ts'
import { type Digest, hexOf } from '../../src/oci/digest.ts'
import { type ImageManifest, makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import type { IssuedCertificate } from '../fakes/sigstore/certificate-authority.ts'
import { dsseBody, hashedRekordBody, hashedRekordBodyV2 } from '../fakes/sigstore/entry-bodies.ts'
import type { PrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'
import type { EntryBody } from '../fakes/sigstore/transparency-log.ts'
import type { KeyPair } from './build-keys.ts'
import { type MemoryImage, putBlob } from './memory-image.ts'
import { type DsseEnvelope, signDsse, signPayload } from './sign-payload.ts'

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** A key, with its certificate where it has one. */
export interface Maker {
  readonly keys: KeyPair
  readonly certificate?: IssuedCertificate
}

/** What comes with a signature, and the time that it proves. */
export interface Evidenced {
  readonly sigstore: PrivateSigstore
  readonly rekor?: 1 | 2 | undefined
  /** The form of the entry in Rekor v1. */
  readonly entry?: 'dsse' | 'intoto' | 'hashedrekord'
  readonly timestamp?: boolean
  /** Whose key the log entry names, in place of the maker's. */
  readonly entryOf?: Maker
  /** Whether the timestamp of an `.att` layer is of its whole envelope. */
  readonly whole?: boolean
  readonly at?: Date
}

/** A Sigstore bundle as JSON. */
export interface BundleJson {
  readonly mediaType: string
  readonly verificationMaterial: {
    readonly tlogEntries: readonly JsonObject[]
    readonly timestampVerificationData: { readonly rfc3161Timestamps: readonly JsonObject[] }
  } & JsonObject
  readonly dsseEnvelope: DsseEnvelope
}

/** The statement by which cosign signs an image, or another one about it. */
export function statementOf(image: Digest, change: JsonObject = {}): JsonObject {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hexOf(image) } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
    ...change,
  }
}

/** A Sigstore bundle over a statement, with real evidence. */
export async function bundleOf(maker: Maker, statement: unknown, evidence: Evidenced): Promise<BundleJson> {
  const envelope = signDsse(maker.keys, JSON.stringify(statement))
  const [{ sig } = { sig: '' }] = envelope.signatures
  const entry = logEnvelope(maker, envelope, evidence)
  return {
    mediaType: MEDIA_TYPES.sigstoreBundle,
    verificationMaterial: {
      ...materialOf(maker),
      tlogEntries: entry === undefined ? [] : [TransparencyLogEntry.toJSON(entry) as JsonObject],
      timestampVerificationData: {
        rfc3161Timestamps: await timestampsOf(Buffer.from(sig, 'base64'), evidence),
      },
    },
    dsseEnvelope: envelope,
  }
}

/** The manifest of a referrer that holds this bundle. */
export async function referrerOf(image: MemoryImage, bundle: unknown): Promise<ImageManifest> {
  const { sigstoreBundle, ociEmpty } = MEDIA_TYPES
  return makeImageManifest({
    artifactType: sigstoreBundle,
    config: await putBlob(image.repository, '{}', ociEmpty),
    layers: [await putBlob(image.repository, JSON.stringify(bundle), sigstoreBundle)],
    subject: image.root.descriptor,
  })
}

/** A layer as it stands under the `.sig` tag, with real evidence of Rekor v1; `payload` is not looked at. */
export async function layerOf(
  image: MemoryImage,
  maker: Maker,
  evidence: Evidenced,
  payload: unknown = payloadOf(image.digest),
): Promise<Descriptor & { readonly annotations: Annotations }> {
  const text = JSON.stringify(payload)
  const signature = Buffer.from(signPayload(maker.keys, text), 'base64')
  const body = hashedRekordBody({
    digest: sha256(text),
    signature,
    verifier: verifierOf(evidence.entryOf ?? maker),
  })
  const entry = evidence.rekor && evidence.sigstore.log(1, body, evidence.at)
  const annotations = {
    'dev.cosignproject.cosign/signature': signature.toString('base64'),
    ...evidenceAnnotations(maker, entry, await timestampsOf(signature, evidence)),
  }
  return { ...(await putBlob(image.repository, text, MEDIA_TYPES.simpleSigning)), annotations }
}

/** A layer as it stands under the `.att` tag; what is timestamped is the signature, or with `whole` the envelope, as cosign did before version 3. */
export async function attestationLayerOf(
  image: MemoryImage,
  maker: Maker,
  evidence: Evidenced,
  statement: unknown,
): Promise<Descriptor & { readonly annotations: Annotations }> {
  const envelope = signDsse(maker.keys, JSON.stringify(statement))
  const text = JSON.stringify(envelope)
  const stamped = evidence.whole ? Buffer.from(text) : signatureOf(envelope)
  const entry = logEnvelope(maker, envelope, evidence)
  const annotations = {
    'dev.cosignproject.cosign/signature': '',
    ...evidenceAnnotations(maker, entry, await timestampsOf(stamped, evidence)),
  }
  return { ...(await putBlob(image.repository, text, MEDIA_TYPES.dsseEnvelope)), annotations }
}

/** cosign's simple signing payload. */
export function payloadOf(image: Digest, optional: JsonObject | null = null): JsonObject {
  return {
    critical: {
      identity: { 'docker-reference': 'registry.example/team/app' },
      image: { 'docker-manifest-digest': image },
      type: 'cosign container image signature',
    },
    optional,
  }
}

function evidenceAnnotations(
  { certificate }: Maker,
  entry: TransparencyLogEntry | undefined,
  timestamps: readonly { readonly signedTimestamp: string }[],
): Annotations {
  const [stamp] = timestamps
  const record = entry && {
    SignedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp.toString('base64'),
    Payload: {
      body: entry.canonicalizedBody.toString('base64'),
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: entry.logId?.keyId.toString('hex'),
    },
  }
  return {
    ...(record && { 'dev.sigstore.cosign/bundle': JSON.stringify(record) }),
    ...(stamp && {
      'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({
        SignedRFC3161Timestamp: stamp.signedTimestamp,
      }),
    }),
    ...(certificate && {
      'dev.sigstore.cosign/certificate': certificate.pem,
      'dev.sigstore.cosign/chain': certificate.chain,
    }),
  }
}

function logEnvelope(
  maker: Maker,
  envelope: DsseEnvelope,
  { sigstore, rekor, entry = 'dsse', entryOf = maker, at }: Evidenced,
): TransparencyLogEntry | undefined {
  if (rekor === undefined) return undefined
  const body = rekor === 2 ? bodyV2(entryOf, envelope) : BODIES[entry](entryOf, envelope)
  return sigstore.log(rekor, body, at)
}

const BODIES = {
  dsse: (maker: Maker, envelope: DsseEnvelope) => dsseBody(JSON.stringify(envelope), verifierOf(maker)),
  hashedrekord: (maker: Maker, envelope: DsseEnvelope) =>
    hashedRekordBody({
      digest: sha256(preAuthentication(envelope)),
      signature: signatureOf(envelope),
      verifier: verifierOf(maker),
    }),
  intoto: (maker: Maker, envelope: DsseEnvelope): EntryBody => {
    const payload = Buffer.from(envelope.payload, 'base64')
    const publicKey = Buffer.from(verifierOf(maker)).toString('base64')
    const sig = Buffer.from(signatureOf(envelope).toString('base64')).toString('base64')
    const hash = (bytes: Buffer | string) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') })
    return {
      apiVersion: '0.0.2',
      kind: 'intoto',
      spec: {
        content: {
          envelope: { payloadType: envelope.payloadType, signatures: [{ publicKey, sig }] },
          hash: hash(JSON.stringify(envelope)),
          payloadHash: hash(payload),
        },
      },
    }
  },
} as const

function bodyV2({ keys, certificate }: Maker, envelope: DsseEnvelope): EntryBody {
  const der = keys.publicKey.export({ type: 'spki', format: 'der' })
  return hashedRekordBodyV2({
    digest: sha256(preAuthentication(envelope)),
    signature: {
      content: signatureOf(envelope),
      verifier: {
        verifier: certificate
          ? { $case: 'x509Certificate', x509Certificate: { rawBytes: certificate.raw } }
          : { $case: 'publicKey', publicKey: { rawBytes: der } },
        keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      },
    },
  })
}

async function timestampsOf(
  signed: Buffer,
  { sigstore, timestamp = false, at }: Evidenced,
): Promise<readonly { readonly signedTimestamp: string }[]> {
  if (!timestamp) return []
  return [{ signedTimestamp: (await sigstore.timestamp(signed, at)).toString('base64') }]
}

function materialOf({ keys, certificate }: Maker): JsonObject {
  return certificate
    ? { certificate: { rawBytes: certificate.raw.toString('base64') } }
    : { publicKey: { hint: keys.hint } }
}

function verifierOf({ keys, certificate }: Maker): string {
  return certificate?.pem ?? keys.publicPem
}

function signatureOf({ signatures: [first] }: DsseEnvelope): Buffer {
  return Buffer.from(first?.sig ?? '', 'base64')
}

function preAuthentication({ payload }: DsseEnvelope): Buffer {
  const bytes = Buffer.from(payload, 'base64')
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${bytes.length} `), bytes])
}

function sha256(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
