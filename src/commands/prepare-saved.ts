import { PromotionError } from '../errors.ts'
import { keepHeapSmall } from '../files/keep-heap-small.ts'
import { requireWritable } from '../files/write-whole.ts'
import type { TagLists } from '../graph/tag-lists.ts'
import type { ApplyingSettings, CopyingSettings, Settings } from '../inputs/settings.ts'
import { parsePinnedReference, parseRepositoryName } from '../oci/reference.ts'
import { intentDigest } from '../plan/plan-digest.ts'
import type { LocationsChange } from '../plan/plan-locations.ts'
import { policyDigest } from '../policy/policy-digest.ts'
import type { SavedPlanNote } from '../report/run-result.ts'
import { restoreImage } from '../saved-plan/saved-image.ts'
import type { SavedImage, SavedPlan } from '../saved-plan/saved-plan.ts'
import { heedImages } from './heed-images.ts'
import { planImages } from './plan-images.ts'
import { plannedSigning } from './planned-signing.ts'
import type { LockTexts, PreparedPlan } from './prepared.ts'
import { questionsFor } from './questions-for.ts'
import { requireAsPlanned } from './require-as-planned.ts'
import type { Run } from './run.ts'
import { lockPaths, requireLockPaths } from './write-locks.ts'

/**
 * Reads the saved plan that the settings name, and looks at everything in it anew, or in one part of it. Throws a PromotionError of kind
 * `outdated` for each difference: what was approved is done, and nothing else.
 */
export async function prepareSaved(given: Run, applying: ApplyingSettings): Promise<PreparedPlan> {
  const { services } = given
  const { reporter } = services
  const { plan: saved, note } = await reporter.step('Read the plan', () => readPlan(given, applying))
  const run = { ...given, settings: settingsOf(saved, given.settings) }
  requireLockPaths(run.settings, saved.locks?.texts.length ?? 0)
  await requireWritable(lockPaths(run.settings))
  const images = imagesOf(saved, applying)
  const listed = images.map(restoreImage)
  const look = async (lists?: Pick<TagLists, 'of'>) => {
    const found = await planImages(run, listed, questionsFor(given), lists)
    return requireAsPlanned(run, images, found)
  }
  const plan = await reporter.step('Plan', async () => {
    requireSigners(saved, given.settings)
    // All of them, since the policy with all that a list says is what was approved.
    await heedImages(run, saved.images.map(restoreImage))
    requireSamePolicy(saved, policyDigest(await services.policy()))
    requireSameSigning(saved, await plannedSigning(given))
    return look()
  })
  return {
    run,
    plan,
    digest: intentDigest(saved.images),
    locations: saved.locations.map(restoreLocations),
    list: undefined,
    locks: saved.locks && locksOf(saved.locks),
    planAgain: look,
    saved: note,
  }
}

async function readPlan(
  { settings, services, record }: Run,
  applying: ApplyingSettings,
): Promise<{ readonly plan: SavedPlan; readonly note: SavedPlanNote }> {
  const { place, digest, shard } = applying
  // Loaded when it is needed: most runs have a list.
  const { parseSavedPlan } = await import('../saved-plan/parse-saved-plan.ts')
  const text = await services.handover.readPlan(place)
  keepHeapSmall(text.length)
  const read = parseSavedPlan(text, place, digest)
  const { shards } = read.plan
  const part = shard && `${shard.index}/${shard.total}`
  const note = { place, digest: read.digest, ...(part && { shard: part }), shards: shards.length }
  record.saved = note
  if (shard !== undefined && shard.total !== shards.length) {
    throw new PromotionError('input', `\`shard\` is ${part}, and ${place} is cut into ${shards.length}`, {
      hint: `Write one of 1/${shards.length} to ${shards.length}/${shards.length}.`,
    })
  }
  requireSameCopying(read.plan.copying, settings.copying)
  return { plan: read.plan, note }
}

/** What the plan has decided, in place of what inputs say where there is a list. */
function settingsOf({ to, tags, imgpkgTags }: SavedPlan, settings: Settings): Settings {
  // Which tags may move was decided: that they have not moved since is looked at.
  return { ...settings, to, tags, imgpkgTags, existingTags: 'move' }
}

function imagesOf({ images, shards }: SavedPlan, { shard }: ApplyingSettings): readonly SavedImage[] {
  if (shard === undefined) return images
  return (shards[shard.index - 1] ?? []).flatMap((at) => images[at] ?? [])
}

function requireSameCopying(saved: SavedPlan['copying'], now: CopyingSettings): void {
  const { url, move } =
    now.by === 'registry' ? { url: undefined, move: undefined } : { ...now, url: now.url.href }
  if (saved.by === now.by && saved.url === url && saved.move === move) return
  const how =
    saved.by === 'registry'
      ? '`copy-by: registry`'
      : `\`artifactory-url: ${saved.url}\` and \`move: ${saved.move}\``
  throw new PromotionError('input', `The plan was made with ${how}, and the inputs say otherwise`, {
    hint: 'Give `copy-by`, `artifactory-url` and `move` as they were when the plan was made, or make another plan.',
  })
}

/** Where no list says it of its images, the inputs have to, as they did when the plan was made. */
function requireSigners({ images, policy }: SavedPlan, { verification, signing }: Settings): void {
  if (verification.by !== 'list' || signing.by !== 'nobody' || images.some(({ terms }) => terms)) return
  const message = `Nothing says who must have signed the images; the plan was made under the policy of ${policy.name} (${policy.digest})`
  throw new PromotionError('input', message, {
    hint: 'Give the same `public-key`, `certificate-…` or `policy` as when the plan was made.',
  })
}

function requireSamePolicy({ policy }: SavedPlan, digest: string): void {
  if (policy.digest === digest) return
  throw new PromotionError(
    'outdated',
    `The policy is another one than when the plan was made: that of ${policy.name} had the digest ${policy.digest}, and this one has ${digest}`,
    { hint: 'Apply the plan with the policy under which it was approved, or make another plan.' },
  )
}

function requireSameSigning(
  saved: SavedPlan,
  { recursive, attester }: Pick<SavedPlan, 'recursive' | 'attester'>,
): void {
  const differs = [
    ...(saved.recursive === recursive ? [] : ['`recursive`']),
    ...(saved.attester === attester ? [] : ['who attests to the promotion']),
  ]
  if (differs.length === 0) return
  throw new PromotionError('outdated', `The plan was made with another word on ${differs.join(' and on ')}`, {
    hint: 'Give `recursive`, `attest-promotion` and the key as they were when the plan was made, or make another plan.',
  })
}

function restoreLocations({ repository, tag, locations }: SavedPlan['locations'][number]): LocationsChange {
  return {
    repository: parseRepositoryName(repository),
    tag,
    locations: locations.map(({ image, isBundle }) => ({ image: parsePinnedReference(image), isBundle })),
    location: undefined,
  }
}

function locksOf({ texts, keysFrom }: NonNullable<SavedPlan['locks']>): LockTexts {
  return { ...(keysFrom !== undefined && { keysFrom }), textAt: (target) => texts[target] ?? '' }
}
