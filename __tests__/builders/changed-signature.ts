import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import type { AttachedKind, ImageGraph } from '../../src/graph/image-graph.ts'
import type { Annotations, Descriptor, JsonObject } from '../../src/oci/descriptor.ts'
import { type Digest, hexOf } from '../../src/oci/digest.ts'
import { type ImageManifest, type Manifest, makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { keySigner, signedBy } from '../../src/policy/make-demand.ts'
import type { SignatureVerdict, Verdict } from '../../src/verify/verifier.ts'
import { buildKeys, type KeyPair } from './build-keys.ts'
import { memoryImage, putBlob } from './memory-image.ts'
import { offlineVerifier } from './offline-verifier.ts'

const STATEMENT = 'application/vnd.in-toto+json'
const SIGNATURE = 'dev.cosignproject.cosign/signature'
/** The key of the policy. */
export const ours = buildKeys()
/** Any other key. */
export const theirs = buildKeys()
/** What is signed. */
export const image = await memoryImage()

/** What of a signature is to be other than it should be; each is applied before signing unless it says otherwise. */
export interface LayerChange {
  readonly keys?: KeyPair
  readonly payload?: (json: Payload) => unknown
  readonly raw?: string
  readonly afterSigning?: (payload: string) => string
  readonly signature?: string
  readonly mediaType?: string
  readonly annotations?: Annotations
  readonly size?: number
}

/** A simple signing payload. */
export interface Payload {
  readonly critical: JsonObject
  readonly optional: JsonObject | null
}

/** As LayerChange, for a Sigstore bundle and the manifest that holds it. */
export interface BundleChange {
  readonly keys?: KeyPair
  readonly statement?: (json: JsonObject) => unknown
  readonly raw?: string
  readonly payloadType?: string
  readonly envelope?: (json: Envelope) => unknown
  readonly bundle?: (json: JsonObject) => unknown
  readonly text?: (json: string) => string
  readonly manifest?: (parts: ManifestParts) => ManifestParts
}

/** A DSSE envelope. */
export interface Envelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly JsonObject[]
}

/** What a manifest is made of. */
export type ManifestParts = Parameters<typeof makeImageManifest>[0]

function signed(keys: KeyPair, text: string): string {
  return sign('sha256', Buffer.from(text), keys.privateKey).toString('base64')
}

/** A layer with a good signature by `ours`, but for the change. */
export async function layer(change: LayerChange = {}): Promise<Descriptor> {
  const { keys = ours, payload = (json: Payload) => json, afterSigning = (text: string) => text } = change
  const json = {
    critical: {
      identity: { 'docker-reference': 'elsewhere.example/app' },
      image: { 'docker-manifest-digest': image.digest },
      type: 'cosign container image signature',
    },
    optional: { stage: 'prod', build: 7 },
  }
  const text = change.raw ?? JSON.stringify(payload(json))
  const signature = change.signature ?? signed(keys, text)
  const blob = await putBlob(
    image.repository,
    afterSigning(text),
    change.mediaType ?? MEDIA_TYPES.simpleSigning,
  )
  const annotations = { ...(signature && { [SIGNATURE]: signature }), ...change.annotations }
  return { ...blob, ...(change.size && { size: change.size }), annotations }
}

/** The `.sig` manifest of these layers. */
export async function signatures(...layers: readonly Descriptor[]): Promise<ImageManifest> {
  return makeImageManifest({ config: await putBlob(image.repository, '{}', MEDIA_TYPES.ociConfig), layers })
}

/** A referrer with a good Sigstore bundle by `ours`, but for the change. */
export async function bundle(change: BundleChange = {}): Promise<ImageManifest> {
  const same = (json: unknown) => json
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hexOf(image.digest) }, annotations: { stage: 'prod', build: '7' } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  }
  const { keys = ours, payloadType = STATEMENT } = change
  const text = change.raw ?? JSON.stringify((change.statement ?? same)(statement))
  const preAuthentication = `DSSEv1 ${payloadType.length} ${payloadType} ${Buffer.byteLength(text)} ${text}`
  const envelope = {
    payload: Buffer.from(text).toString('base64'),
    payloadType,
    signatures: [{ sig: signed(keys, preAuthentication) }],
  }
  const json = {
    mediaType: MEDIA_TYPES.sigstoreBundle,
    verificationMaterial: { publicKey: { hint: keys.hint } },
    dsseEnvelope: (change.envelope ?? same)(envelope),
  }
  const content = (change.text ?? String)(JSON.stringify((change.bundle ?? same)(json)))
  const parts = {
    artifactType: MEDIA_TYPES.sigstoreBundle,
    config: await putBlob(image.repository, '{}', MEDIA_TYPES.ociEmpty),
    layers: [await putBlob(image.repository, content, MEDIA_TYPES.sigstoreBundle)],
    subject: image.root.descriptor,
  }
  return makeImageManifest((change.manifest ?? ((unchanged) => unchanged))(parts))
}

/** The image with one thing attached to it. */
export function graphWith(
  kind: AttachedKind,
  manifest: Manifest,
  subject: Digest = image.digest,
): ImageGraph {
  return { root: image.root, manifests: new Map(), attached: [{ subject, kind, manifest }], warnings: [] }
}

/** How the image's graph is judged under the policy of `ours`. */
export async function verdict(graph: ImageGraph, requireAnnotations: Annotations = {}): Promise<Verdict> {
  const demand = signedBy(keySigner(ours.publicKey), requireAnnotations)
  return offlineVerifier().verify(graph, image.repository, demand)
}

/** How the one signature of this manifest is judged. */
export async function single(
  kind: 'sig' | 'referrer',
  manifest: Manifest,
  required?: Annotations,
): Promise<SignatureVerdict> {
  const { satisfied, signatures: found } = await verdict(graphWith(kind, manifest), required)
  const [only] = found
  assert.ok(only && found.length === 1)
  assert.equal(satisfied, only.counts)
  assert.equal(only.manifest, manifest.descriptor.digest)
  return only
}
