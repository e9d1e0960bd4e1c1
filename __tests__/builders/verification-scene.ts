import assert from 'node:assert/strict'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import type { AttachedKind, ImageGraph } from '../../src/graph/image-graph.ts'
import type { Annotations } from '../../src/oci/descriptor.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { signedBy } from '../../src/policy/make-demand.ts'
import type { Demand } from '../../src/policy/policy.ts'
import { exactly } from '../../src/policy/text-match.ts'
import type { CertificateSigner, TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { NativeVerifier } from '../../src/verify/native-verifier.ts'
import type { SignatureVerdict, Verdict } from '../../src/verify/verifier.ts'
import type { IssuedCertificate } from '../fakes/sigstore/certificate-authority.ts'
import {
  type PrivateSigstore,
  startPrivateSigstore,
  type WantedCertificate,
} from '../fakes/sigstore/private-sigstore.ts'
import { buildKeys, type KeyPair } from './build-keys.ts'
import { type MemoryImage, memoryImage } from './memory-image.ts'

/** The identity of the workflow in whose name the private Sigstore issues certificates here. */
export const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'

/** What is attached to the image, each a manifest and how it hangs there. */
export type Attached = readonly (readonly [AttachedKind, Manifest])[]

/** A private Sigstore, an image, and a verifier that trusts the one of the other. */
export interface VerificationScene extends AsyncDisposable {
  readonly sigstore: PrivateSigstore
  readonly image: MemoryImage
  /** How often the trusted root was asked for. */
  asked(): number
  /** Somebody with a new key and a certificate for it, in the name of the workflow unless it is wanted otherwise. */
  keyless(
    wanted?: Partial<WantedCertificate>,
  ): Promise<{ readonly keys: KeyPair; readonly certificate: IssuedCertificate }>
  /** The workflow as a policy trusts it, whose signatures have to be in Rekor. */
  workflow(change?: Partial<CertificateSigner>): CertificateSigner
  verify(demand: Demand, attached: Attached): Promise<Verdict>
  /** How the only signature that is attached is judged for this signer; fails unless it is one. */
  single(signer: TrustedSigner, attached: Attached, required?: Annotations): Promise<SignatureVerdict>
}

/** Starts the private Sigstore, and makes an image. */
export async function verificationScene(): Promise<VerificationScene> {
  const sigstore = await startPrivateSigstore()
  const image = await memoryImage()
  let asked = 0
  const verifier = new NativeVerifier({
    trustedRoot: async () => {
      asked += 1
      return TrustedRoot.fromJSON(JSON.parse(sigstore.trustedRoot))
    },
  })
  const verify: VerificationScene['verify'] = (demand, attached) =>
    verifier.verify(graphOf(image, attached), image.repository, demand)
  return {
    sigstore,
    image,
    asked: () => asked,
    verify,
    keyless: async (wanted) => {
      const keys = buildKeys()
      const { publicKey } = keys
      return { keys, certificate: await sigstore.issue({ publicKey, subject: { uri: WORKFLOW }, ...wanted }) }
    },
    workflow: (change) => ({
      by: 'certificate',
      name: undefined,
      identity: exactly(WORKFLOW),
      issuer: exactly(sigstore.issuer),
      workflow: {},
      transparency: 'rekor',
      timestamp: 'none',
      ...change,
    }),
    single: async (signer, attached, required) => {
      const { satisfied, signatures } = await verify(signedBy(signer, required), attached)
      const [only] = signatures
      assert.ok(only && signatures.length === 1)
      assert.equal(satisfied, only.counts)
      return only
    },
    [Symbol.asyncDispose]: () => sigstore.close(),
  }
}

function graphOf({ root, digest }: MemoryImage, attached: Attached): ImageGraph {
  return {
    root,
    manifests: new Map(),
    attached: attached.map(([kind, manifest]) => ({ subject: digest, kind, manifest })),
    warnings: [],
  }
}
