import { findDrift } from '../check/find-drift.ts'
import { findOtherTags, type OtherTags } from '../check/find-other-tags.ts'
import { type TargetPlace, targetPlaces } from '../check/target-places.ts'
import { throwAll } from '../errors.ts'
import { TagLists } from '../graph/tag-lists.ts'
import type { PinnedReference } from '../oci/reference.ts'
import { describeRefusal } from '../verify/describe-refusal.ts'
import type { Verdict } from '../verify/verifier.ts'
import { unsatisfied } from '../verify/verify-images.ts'
import { checkLocations } from './check-locations.ts'
import { driftError } from './drift-error.ts'
import { type CopyVerdicts, judgeCopies } from './judge-copies.ts'
import { knownPolicy } from './known-policy.ts'
import { readImages } from './read-images.ts'
import { recordSeen } from './record-seen.ts'
import type { Run } from './run.ts'
import { type ComparedImage, seeImages } from './see-images.ts'
import { tellGone } from './tell-gone.ts'

/**
 * Compares a list with what its targets hold: images, what is attached to them, who has signed them, and tags. Writes nothing; whatever differs
 * is an error of kind `drift`, all of them together with what could not be found out.
 */
export async function check(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter } = services
  const read = await reporter.step('Read the image list', () => readImages(run))
  const lists = new TagLists(read.images.length)
  const { list, images, unseen } = await reporter.step('Look at the targets', () =>
    seeImages(run, read, { lists, mayLackChildren: true }),
  )
  tellGone(images, reporter)
  const policy = await knownPolicy(run)
  const judged = await reporter.step('Verify at the targets', () => judgeCopies(images, policy, services))
  recordSeen(run, images, judged.verdicts)
  const located = await checkLocations(list, images, services.registries)
  const atImages = images.flatMap((one, index) =>
    findDrift(one, refusalsOf(one, judged.verdicts[index] ?? [])),
  )
  record.drift = [...atImages, ...located.drift]
  const unknown = [...unseen.map(({ error }) => error), ...judged.errors, ...located.errors]
  // What is wanted of a repository is known only where all images were seen.
  if (unknown.length === 0) {
    const places = targetPlaces(images, policy)
    const others = await reporter.step('Look at other tags', () => lookAtTags(services, places, lists))
    record.drift = [...record.drift, ...others.drift]
    unknown.push(...others.errors)
  }
  throwAll([...unknown, ...record.drift.map(driftError)])
}

function refusalsOf({ targets }: ComparedImage, verdicts: CopyVerdicts): readonly (string | undefined)[] {
  return targets.map((_, index) => {
    const verdict = verdicts[index]
    return verdict === undefined || verdict.satisfied ? undefined : describeRefusal(verdict)
  })
}

async function lookAtTags(
  { reporter, registries, verifier }: Run['services'],
  places: readonly TargetPlace[],
  lists: TagLists,
): Promise<OtherTags> {
  const explain = (image: PinnedReference, verdict: Verdict) => unsatisfied(image, verdict).message
  const found = await findOtherTags(places, { registries, verifier, lists, explain })
  for (const message of found.infos) reporter.info(message)
  for (const message of found.warnings) reporter.warn(message)
  return found
}
