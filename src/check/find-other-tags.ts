import pMap from 'p-map'
import { errorsOf, settleAll, valuesOf } from '../concurrency.ts'
import type { PromotionError } from '../errors.ts'
import { discoverGraph } from '../graph/discover-graph.ts'
import type { TagLists } from '../graph/tag-lists.ts'
import { isAttachedTag } from '../oci/attached-tag.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { formatRepository, type PinnedReference } from '../oci/reference.ts'
import type { Demand } from '../policy/policy.ts'
import type { Registries, SourceRepository } from '../registry/repository.ts'
import type { SignatureVerifier, Verdict } from '../verify/verifier.ts'
import { driftAt } from './drift-at.ts'
import type { DriftEntry } from './drift-entry.ts'
import type { TargetPlace } from './target-places.ts'

/** Tags of one repository that are asked where they lead, besides those that are wanted. */
const MOST_TAGS = 1000
/** Tags of one image that are named beside the first. */
const NAMED_TAGS = 3
const QUESTIONS = 32
const PLACES = 32

const OTHER_RELEASE =
  'Add it to `tags` if it is right; if it is the tag of another release that has the same image, check the lists of both releases together, with `{origin-tag}` as `tags`; otherwise delete it.'

/** What looking works with; `explain` says in a sentence why an image does not satisfy the policy. */
export interface OtherTagServices {
  readonly registries: Registries
  readonly verifier: SignatureVerifier
  readonly lists: Pick<TagLists, 'of' | 'shownBy'>
  readonly explain: (image: PinnedReference, verdict: Verdict) => string
}

/** What was found, and what is worth telling besides, each as a sentence. */
export interface OtherTags {
  readonly drift: readonly DriftEntry[]
  readonly infos: readonly string[]
  readonly warnings: readonly string[]
  readonly errors: readonly PromotionError[]
}

/** One tag that nobody wants there, and where it leads. */
interface OtherTag {
  readonly tag: string
  readonly digest: Digest
}

/**
 * Looks where the other tags of the target repositories lead. To a listed image none should; what else one leads to has to satisfy what
 * the policy demands of any image listed for that repository. Tags that hang something on a digest are not looked at.
 */
export async function findOtherTags(
  places: readonly TargetPlace[],
  services: OtherTagServices,
): Promise<OtherTags> {
  const settled = await settleAll(places, PLACES, (place) => lookAtPlace(place, services))
  const found = valuesOf(settled)
  return {
    drift: found.flatMap(({ drift }) => drift),
    infos: found.flatMap(({ info }) => (info === undefined ? [] : [info])),
    warnings: found.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
    errors: errorsOf(settled, (index) => places[index]?.first.location),
  }
}

interface LookedAtPlace {
  readonly drift: readonly DriftEntry[]
  readonly info?: string
  readonly warning?: string
}

async function lookAtPlace(place: TargetPlace, services: OtherTagServices): Promise<LookedAtPlace> {
  const repository = services.registries.source(place.repository)
  const name = formatRepository(place.repository)
  const shown = await services.lists.shownBy(repository)
  if (shown === undefined) {
    return { drift: [], warning: `${name} gives no list of its tags: whether there are others is not known` }
  }
  const others = [...shown].filter((tag) => !isAttachedTag(tag) && !place.wanted.has(tag))
  const { extra, elsewhere } = sortOut(place, await resolveTags(others.slice(0, MOST_TAGS), repository))
  const { drift, satisfied } = await judge(place, elsewhere, services)
  return {
    drift: [...extra, ...drift],
    ...(satisfied > 0 && {
      info: `${name}: other tags that lead to images as the policy wants them: ${satisfied}`,
    }),
    ...(others.length > MOST_TAGS && {
      warning: `${name} has ${others.length} other tags, of which ${MOST_TAGS} were looked at`,
    }),
  }
}

async function resolveTags(
  tags: readonly string[],
  repository: SourceRepository,
): Promise<readonly OtherTag[]> {
  const found = await pMap(tags, (tag) => repository.resolve(tag), { concurrency: QUESTIONS })
  return tags.flatMap((tag, index) => {
    const digest = found[index]?.digest
    return digest === undefined ? [] : [{ tag, digest }]
  })
}

/** Tags of listed images, which are drift, and the other images with all of their tags. */
function sortOut(
  { repository, listed }: TargetPlace,
  tags: readonly OtherTag[],
): { readonly extra: readonly DriftEntry[]; readonly elsewhere: ReadonlyMap<Digest, readonly string[]> } {
  const elsewhere = new Map<Digest, readonly string[]>()
  const extra = tags.flatMap(({ tag, digest }) => {
    const image = listed.get(digest)
    if (image === undefined) {
      elsewhere.set(digest, [...(elsewhere.get(digest) ?? []), tag])
      return []
    }
    return [
      driftAt(image, 'tag-extra', {
        target: { repository, tag },
        message: `leads to ${digest}, which is listed without that tag`,
        hint: OTHER_RELEASE,
      }),
    ]
  })
  return { extra, elsewhere }
}

async function judge(
  place: TargetPlace,
  images: ReadonlyMap<Digest, readonly string[]>,
  services: OtherTagServices,
): Promise<{ readonly drift: readonly DriftEntry[]; readonly satisfied: number }> {
  const judged = await pMap(images, ([digest, tags]) => judgeImage(place, digest, tags, services), {
    concurrency: QUESTIONS,
  })
  const drift = judged.flatMap((entry) => (entry === undefined ? [] : [entry]))
  const tags = [...images.values()].filter((_, index) => judged[index] === undefined)
  return { drift, satisfied: tags.flat().length }
}

/** Undefined where the image satisfies one of the demands. */
async function judgeImage(
  { repository, first, demands }: TargetPlace,
  digest: Digest,
  tags: readonly string[],
  services: OtherTagServices,
): Promise<DriftEntry | undefined> {
  if (demands.some(({ by }) => by === 'nobody')) return undefined
  const verdict = await verdictOn({ repository, digest }, demands, services)
  const [tag, ...more] = tags
  if (tag === undefined || verdict === undefined) return undefined
  const leads = more.length === 0 ? 'leads' : `(and ${inShort(more)}) leads`
  return driftAt(first, 'tag-unproven', {
    target: { repository, tag },
    message: `${leads} to an image that is not listed: ${services.explain({ repository, digest }, verdict)}`,
    hint: 'Find out who pushed it, and delete its tag unless it belongs there.',
  })
}

function inShort(tags: readonly string[]): string {
  const left = tags.length - NAMED_TAGS
  return `${tags.slice(0, NAMED_TAGS).join(', ')}${left > 0 ? `, ${left} more` : ''}`
}

/** Whether it is a plan that was saved beside the images: nothing that could be run. */
function isSavedPlan(manifest: Manifest): boolean {
  const isEmpty = manifest.kind === 'image' && manifest.config.mediaType === MEDIA_TYPES.ociEmpty
  return isEmpty && manifest.artifactType === MEDIA_TYPES.savedPlan
}

/** Why the image satisfies none of the demands: the verdict on the first of them; undefined where it does, or is gone. */
async function verdictOn(
  image: PinnedReference,
  demands: readonly Demand[],
  { registries, verifier, lists }: OtherTagServices,
): Promise<Verdict | undefined> {
  const repository = registries.source(image.repository)
  const known = { tags: lists.of(repository), subjects: new Set([image.digest]), alone: true }
  const graph = await discoverGraph(repository, image.digest, known)
  if (graph === undefined || isSavedPlan(graph.root)) return undefined
  let first: Verdict | undefined
  for (const demand of demands) {
    const verdict = await verifier.verify(graph, repository, demand)
    if (verdict.satisfied) return undefined
    first ??= verdict
  }
  return first
}
