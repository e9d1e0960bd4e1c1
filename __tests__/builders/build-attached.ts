import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Annotations, Descriptor } from '../../src/oci/descriptor.ts'
import { hexOf } from '../../src/oci/digest.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import type { KeyPair } from './build-keys.ts'
import { BuiltArtifact, type BuiltBlob, buildBlob } from './built-artifact.ts'
import { signDsse, signPayload } from './sign-payload.ts'

/** Who signs, and what the signature states. */
export interface SignatureParts {
  readonly keys: KeyPair
  /** What the signature states, `optional` in the payload. */
  readonly annotations?: Annotations
  /** `host/path` in the payload; cosign does not compare it. */
  readonly repository?: string
}

/** The `.sig` manifest of a subject with one layer a signature, each made for real (cosign, specs/SIGNATURE_SPEC.md). */
export function buildSignatures(subject: Descriptor, signatures: readonly SignatureParts[]): BuiltArtifact {
  const layers = signatures.map(({ keys, annotations, repository = 'registry.example/app' }) => {
    const payload = JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': subject.digest },
        type: 'cosign container image signature',
      },
      optional: annotations ?? null,
    })
    const signature = signPayload(keys, payload)
    return withAnnotations(buildBlob(MEDIA_TYPES.simpleSigning, payload), {
      'dev.cosignproject.cosign/signature': signature,
    })
  })
  return tagged(subject, 'sig', layers)
}

/** The `.att` manifest of a subject: an in-toto statement in a signed DSSE envelope (cosign, specs/ATTESTATION_SPEC.md). */
export function buildAttestation(subject: Descriptor, keys: KeyPair, predicateType: string): BuiltArtifact {
  const statement = {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: 'registry.example/app', digest: { sha256: hexOf(subject.digest) } }],
    predicate: { Data: 'for a test', Timestamp: '1970-01-01T00:00:00Z' },
  }
  const envelope = signDsse(keys, JSON.stringify(statement))
  const layer = withAnnotations(buildBlob(MEDIA_TYPES.dsseEnvelope, JSON.stringify(envelope)), {
    'dev.cosignproject.cosign/signature': '',
    predicateType,
  })
  return tagged(subject, 'att', [layer])
}

/** The `.sbom` manifest of a subject, an SPDX document as `cosign attach sbom` leaves one. */
export function buildSbom(subject: Descriptor, seed: string): BuiltArtifact {
  const document = { spdxVersion: 'SPDX-2.3', name: seed, SPDXID: 'SPDXRef-DOCUMENT' }
  return tagged(subject, 'sbom', [buildBlob('text/spdx+json', JSON.stringify(document))])
}

/** A referrer of a subject with one layer of these bytes; it refers to nothing but what its manifest says. */
export function buildReferrer(
  subject: Descriptor,
  artifactType: string,
  content: Uint8Array | string,
  annotations: Annotations = {},
): BuiltArtifact {
  const config = buildBlob(MEDIA_TYPES.ociEmpty, '{}')
  const layer = buildBlob(artifactType, content)
  const manifest = makeImageManifest({
    artifactType,
    config: config.descriptor,
    layers: [layer.descriptor],
    subject,
    annotations,
  })
  return new BuiltArtifact(manifest, { blobs: [config, layer] })
}

/** A signature as cosign 3 makes it by default: a Sigstore bundle v0.3 with a DSSE envelope, as a referrer. */
export function buildBundleSignature(
  subject: Descriptor,
  { keys, annotations }: SignatureParts,
): BuiltArtifact {
  const predicateType = 'https://sigstore.dev/cosign/sign/v1'
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hexOf(subject.digest) }, ...(annotations && { annotations }) }],
    predicateType,
    predicate: {},
  }
  const bundle = {
    mediaType: MEDIA_TYPES.sigstoreBundle,
    verificationMaterial: { publicKey: { hint: keys.hint } },
    dsseEnvelope: signDsse(keys, JSON.stringify(statement)),
  }
  return buildReferrer(subject, MEDIA_TYPES.sigstoreBundle, JSON.stringify(bundle), {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
  })
}

function tagged(
  subject: Descriptor,
  kind: 'sig' | 'att' | 'sbom',
  layers: readonly BuiltBlob[],
): BuiltArtifact {
  const descriptors = layers.map((layer) => layer.descriptor)
  const diffIds = descriptors.map(({ digest }) => digest)
  const config = buildBlob(
    MEDIA_TYPES.ociConfig,
    JSON.stringify({
      architecture: '',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  )
  const manifest = makeImageManifest({ config: config.descriptor, layers: descriptors })
  return new BuiltArtifact(manifest, {
    blobs: [config, ...layers],
    attachedTag: attachedTag(subject.digest, kind),
  })
}

function withAnnotations({ descriptor, bytes }: BuiltBlob, annotations: Annotations): BuiltBlob {
  return { bytes, descriptor: { ...descriptor, annotations } }
}
