import { type FileLocation, PromotionError } from '../errors.ts'
import { CARVEL_API } from '../imgpkg/carvel-api.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import { isNothing, YamlReader } from '../yaml/yaml-reader.ts'

/** What a list of images can be: Carvel's two locks, and the `Images.lock` of Helm charts. */
export type LockKind = 'ImagesLock' | 'BundleLock' | 'HelmLock'

const HELM_API = 'v0'
const EVERY_KIND: readonly LockKind[] = ['ImagesLock', 'BundleLock', 'HelmLock']

const HINTS: Readonly<Record<LockKind, string>> = {
  ImagesLock: `"apiVersion: ${CARVEL_API}" with "kind: ImagesLock"`,
  BundleLock: `"apiVersion: ${CARVEL_API}" with "kind: BundleLock"`,
  HelmLock: `the Images.lock of a Helm chart with "apiVersion: ${HELM_API}"`,
}

/**
 * What a file says it is, read before its keys are judged: those of another kind would all be "unknown". A file that leaves it out is taken
 * for an ImagesLock, whose reader says what is missing. Throws a PromotionError of kind `input` for every kind that is not among `wanted`.
 */
export function lockKind(tree: YamlNode, wanted: readonly LockKind[] = EVERY_KIND): LockKind {
  const hint = `Give ${wanted.map((one) => HINTS[one]).join(', or ')}.`
  if (isNothing(tree)) throw fileProblem(tree.location, 'The file is empty', hint)
  const reader = new YamlReader()
  const entries = reader.anyMapping(tree, 'a list of images')
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => reader.textAt(entries, key))
  reader.problems.throwIfAny()
  const found = apiVersion === undefined || kind === undefined ? 'ImagesLock' : kindOf(apiVersion, kind)
  if (found !== undefined && wanted.includes(found)) return found
  const what = `${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`
  const location = entries?.get('kind')?.location ?? tree.location
  throw fileProblem(location, `The file is a ${what}, which cannot be read here`, hint)
}

function kindOf(apiVersion: string, kind: string): LockKind | undefined {
  if (apiVersion === HELM_API && kind === 'ImagesLock') return 'HelmLock'
  if (apiVersion !== CARVEL_API) return undefined
  return kind === 'ImagesLock' || kind === 'BundleLock' ? kind : undefined
}

function fileProblem(location: FileLocation, message: string, hint: string): PromotionError {
  return new PromotionError('input', message, { location, hint })
}
