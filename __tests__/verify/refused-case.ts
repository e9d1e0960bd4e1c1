import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Annotations, JsonObject } from '../../src/oci/descriptor.ts'
import { keySigner } from '../../src/policy/make-demand.ts'
import type { CertificateSigner, TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { signatures } from '../builders/changed-signature.ts'
import {
  type BundleJson,
  bundleOf,
  type Evidenced,
  layerOf,
  type Maker,
  referrerOf,
  statementOf,
} from '../builders/evidenced-signature.ts'
import { type Attached, type VerificationScene, verificationScene } from '../builders/verification-scene.ts'

/** The Sigstore that is trusted. */
export const scene: VerificationScene = await verificationScene()
/** Another one, which nobody trusts. */
export const foreign: VerificationScene = await verificationScene()
after(() => Promise.all([scene[Symbol.asyncDispose](), foreign[Symbol.asyncDispose]()]))

const keys = buildKeys()

/** What of a good keyless signature is to be other than it should be. */
export interface Change {
  readonly maker?: Maker
  /** In place of an entry in Rekor v1. */
  readonly evidence?: Partial<Evidenced>
  /** What the statement says in place of the right thing. */
  readonly statement?: JsonObject
  /** The bundle, when it is signed and has its evidence. */
  readonly bundle?: (json: BundleJson) => unknown
  /** The payload of a `.sig` layer, and the annotations that it has in the end. */
  readonly payload?: unknown
  readonly annotations?: (annotations: Annotations) => Annotations
}

/** How the signature is changed, why it is refused then, and by whom it has to be: the workflow, but for what is said here. */
export type Case = readonly [
  name: string,
  change: Change,
  reason: RegExp,
  signer?: Partial<CertificateSigner> | TrustedSigner,
  required?: Annotations,
]

/** A signature with a key, and the policy that asks for it. */
export const withKey = { keys }
export const askedKey = keySigner(keys.publicKey)

/** A test a case: the signature is refused, for that reason and nobody. */
export function refuses(attach: (change: Change) => Promise<Attached>, cases: readonly Case[]): void {
  for (const [name, change, reason, asked = {}, required] of cases) {
    test(name, async () => {
      const signer = asked.by === 'key' ? asked : scene.workflow(asked)
      const found = await scene.single(signer, await attach(change), required)
      assert.ok(!found.counts, found.reason)
      assert.match(found.reason, reason)
      assert.deepEqual(found.signers, [])
    })
  }
}

/** Attaches a Sigstore bundle that is good but for the change. */
export async function changedBundle(change: Change): Promise<Attached> {
  const { maker, evidence, statement, bundle = (json: BundleJson) => json } = change
  const { sigstore, image } = scene
  const whole = { sigstore, ...(evidence ?? { rekor: 1 }) }
  const json = await bundleOf(maker ?? (await scene.keyless()), statementOf(image.digest, statement), whole)
  return [['referrer', await referrerOf(image, bundle(json))]]
}

/** Puts a layer under the `.sig` tag that is good but for the change. */
export async function changedLayer(change: Change): Promise<Attached> {
  const { maker, evidence, payload, annotations = (same: Annotations) => same } = change
  const { sigstore, image } = scene
  const whole = { sigstore, ...(evidence ?? { rekor: 1 }) }
  const made = await layerOf(image, maker ?? (await scene.keyless()), whole, payload)
  return [['sig', await signatures({ ...made, annotations: annotations(made.annotations) })]]
}

/** The bundle with other verification material. */
export function material(change: (material: BundleJson['verificationMaterial']) => JsonObject) {
  return (json: BundleJson) => {
    const { verificationMaterial } = json
    return { ...json, verificationMaterial: { ...verificationMaterial, ...change(verificationMaterial) } }
  }
}

/** The bundle with another log entry. */
export function entry(change: (entry: JsonObject) => JsonObject) {
  return material(({ tlogEntries }) => ({
    tlogEntries: tlogEntries.map((each) => ({ ...each, ...change(each) })),
  }))
}

/** The bundle with another envelope. */
export function envelope(change: (envelope: BundleJson['dsseEnvelope']) => unknown) {
  return (json: BundleJson) => ({ ...json, dsseEnvelope: change(json.dsseEnvelope) })
}

/** JSON in base64. */
export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
