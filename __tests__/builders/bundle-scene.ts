import { locationsTag } from '../../src/oci/imgpkg-tag.ts'
import type { RegistryStore } from '../fakes/registry-store.ts'
import { buildBundle } from './build-bundle.ts'
import { buildImage } from './build-image.ts'
import type { BuiltArtifact } from './built-artifact.ts'
import { type PromotionScene, type Run, TARGET_PATH } from './promotion-scene.ts'

/** A bundle in a registry, another one in it, and an image of each. */
export interface ScenicBundle {
  readonly outer: BuiltArtifact
  readonly inner: BuiltArtifact
  readonly web: BuiltArtifact
  readonly db: BuiltArtifact
  /** `host/path@digest` of the outer bundle. */
  readonly reference: string
}

/** Leaves a bundle with a nested one in the scene's source, each part in its own repository; the bundle has the tag v1. */
export function putBundle({ source }: PromotionScene, seed = 'bundle'): ScenicBundle {
  const [web, db] = ['web', 'db'].map((name) => buildImage({ seed: `${seed} ${name}` }))
  if (web === undefined || db === undefined) throw new Error('an image was not built')
  const { host, store } = source
  const inner = buildBundle([{ image: `${host}/apps/db@${db.digest}` }])
  const outer = buildBundle([
    { image: `${host}/apps/web@${web.digest}` },
    { image: `${host}/bundles/inner@${inner.digest}` },
  ])
  web.putInto(store, 'apps/web', 'v7')
  db.putInto(store, 'apps/db')
  inner.putInto(store, 'bundles/inner')
  outer.putInto(store, 'bundles/outer', 'v1')
  return { outer, inner, web, db, reference: `${host}/bundles/outer@${outer.digest}` }
}

/** Promotes with `verify: none`, so that nobody need have signed; what many may write is not waited for. */
export function promoteUnverified(
  scene: PromotionScene,
  inputs: Readonly<Record<string, string>>,
  onStep: (name: string) => void = () => {},
): Promise<Run> {
  const given = { lock: '', 'public-key': '', verify: 'none', ...inputs }
  return scene.run(given, { onStep, pace: { mergePause: 1 } })
}

/** The bundles among these whose image locations are in a target's repository. */
export function locatedBundles(
  store: RegistryStore,
  bundles: readonly BuiltArtifact[],
  path = TARGET_PATH,
): readonly BuiltArtifact[] {
  const { tags } = store.repository(path)
  return bundles.filter(({ digest }) => tags.has(locationsTag(digest)))
}
