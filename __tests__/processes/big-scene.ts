import { randomBytes } from 'node:crypto'
import { buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { PromotionScene, SOURCE_PATH } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import type { StoredRepository } from '../fakes/registry-store.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'

/** Source and target of each of the two images. */
const MOVES = [
  [SOURCE_PATH, 'prod/app'],
  ['team/big', 'prod/big'],
] as const
/** More than the sockets between two processes hold, so that an upload that is not read stands still. */
const BIG = 12 * 1024 * 1024
const TAGS = ['v1', 'v2'] as const

/** A promotion scene with a second image, signed by the same key, whose one layer is large. */
export interface BigScene {
  readonly scene: PromotionScene
  readonly big: BuiltArtifact
  /** Digest of the large layer. */
  readonly layer: string
  /** Promotes both images, the first of them found by its tag, under the tags v1 and v2, with a report. */
  readonly inputs: readonly string[]
}

/** Starts the scene with a target that behaves like this; the caller disposes of `scene`. */
export async function startBigScene(target: Partial<RegistrySwitches> = {}, size = BIG): Promise<BigScene> {
  const scene = await PromotionScene.start({}, [target])
  const big = buildImage({ seed: 'big', layers: [randomBytes(size)] })
  const layer = big.blobs.find(({ bytes }) => bytes.byteLength === size)?.descriptor.digest ?? ''
  const signatures = buildSignatures(big.descriptor, [{ keys: scene.keys }])
  for (const artifact of [big, signatures]) artifact.putInto(scene.source.store, MOVES[1][0])
  await scene.list({ image: `${scene.source.host}/${MOVES[1][0]}@${big.digest}` })
  return { scene, big, layer, inputs: inputsOf(scene) }
}

/** The tags v1 and v2 of both images at the target, those that exist. */
export function movedTags({ target }: PromotionScene): readonly string[] {
  return MOVES.flatMap(([, path]) => {
    const { tags } = target.store.repository(path)
    return TAGS.filter((tag) => tags.has(tag)).map((tag) => `${path}:${tag} ${tags.get(tag)}`)
  })
}

/** The same when the promotion is done. */
export function wantedTags({ scene, big }: BigScene): readonly string[] {
  const digests = [scene.sample.image.digest, big.digest]
  return MOVES.flatMap(([, path], index) => TAGS.map((tag) => `${path}:${tag} ${digests[index]}`))
}

/** What the source has of both images and the target lacks or has otherwise. */
export function differences({ source, target }: PromotionScene): readonly string[] {
  return MOVES.flatMap(([from, to]) =>
    differencesOf(source.store.repository(from), target.store.repository(to)),
  )
}

function differencesOf(source: StoredRepository, target: StoredRepository): readonly string[] {
  const blobs = [...source.blobs].filter(([digest, bytes]) => !target.blobs.get(digest)?.equals(bytes))
  const manifests = [...source.manifests].filter(
    ([digest, { bytes }]) => !target.manifests.get(digest)?.bytes.equals(bytes),
  )
  const tags = [...source.tags].filter(([tag, digest]) => target.tags.get(tag) !== digest)
  return [...blobs, ...manifests, ...tags].map(([name]) => name)
}

/** Blobs that a registry holds of both images where they are promoted to, or where they come from; as `path@digest` of the target. */
export function heldBlobs(registry: RegistryServer, at: 'source' | 'target'): ReadonlySet<string> {
  const held = MOVES.flatMap(([from, to]) =>
    [...registry.store.repository(at === 'source' ? from : to).blobs.keys()].map(
      (digest) => `${to}@${digest}`,
    ),
  )
  return new Set(held)
}

/** The words that promote both images, with these inputs given otherwise. */
export function inputsOf(
  scene: PromotionScene,
  changes: Readonly<Record<string, string>> = {},
): readonly string[] {
  const inputs = {
    images: `${scene.source.host}/${SOURCE_PATH}:v1`,
    lock: 'images.yml',
    to: `${scene.target.host}/prod/{name}`,
    tags: TAGS.join('\n'),
    'public-key': 'cosign.pub',
    report: 'report.json',
    ...changes,
  }
  return ['promote', ...Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value])]
}
