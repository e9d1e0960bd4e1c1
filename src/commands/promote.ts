import { runAll } from '../concurrency.ts'
import { copyImages } from '../copy/copy-images.ts'
import { requireCopied } from '../copy/outcome.ts'
import type { Proving } from '../copy/prove.ts'
import { putWaitingSignatures } from '../copy/put-atomic-signatures.ts'
import { throwAll } from '../errors.ts'
import type { Settings } from '../inputs/settings.ts'
import { isLayout } from '../oci/layout-name.ts'
import type { BlobQuestions } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import { count } from '../report/safe-text.ts'
import { requireWritable } from '../report/write-whole.ts'
import { requireSigned, signImages } from '../sign/sign-images.ts'
import { requireProven, verifyTargets } from '../verify/verify-targets.ts'
import { attest } from './attest.ts'
import { isOwnProof } from './is-own-proof.ts'
import { moveTagsTo } from './move-tags-to.ts'
import { planImages } from './plan-images.ts'
import { type PlannedList, planList } from './plan-list.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { tellLeftBehind } from './tell-left-behind.ts'
import { verifySources } from './verify-sources.ts'
import { writeLayouts } from './write-layouts.ts'
import { lockPaths, writeLocks } from './write-locks.ts'

/** Bytes up to which all blobs are read back in full unless the inputs say otherwise. */
const READ_BACK_LIMIT = 1024 ** 3

/** A list of tags may lag behind what was written a moment ago. */
const NO_LISTS = { of: () => Promise.resolve(undefined) }

/** Signs if asked, verifies, copies by digest, verifies at the targets, attests to that if asked, and only then moves the tags. */
export async function promote(run: Run): Promise<void> {
  const { reporter } = run.services
  await requireWritable(lockPaths(run.settings))
  const read = await reporter.step('Read the image list', () => readImages(run))
  const planned = await reporter.step('Plan', () => planList(run, read, questionsFor(run)))
  const { plan, list, locations } = await signFirst(run, planned)
  await reporter.step('Verify at the source', () => verifySources(run, plan.images))
  await reporter.step('Copy', () => copy(run, plan))
  await reporter.step('Verify at the targets', () => verifyCopies(run, plan))
  await attest(run, plan)
  await tellImgpkg(run, locations)
  // From here on an interruption waits: half of the tags would be worse than all or none.
  run.services.signal.throwIfAborted()
  await writeLayouts(run, plan, list)
  await reporter.step('Move the tags', () => move(run, plan))
  await writeLocks(run, plan, list)
  if (run.services.artifactory?.moves)
    await reporter.step('Remove from the source', () => removeSources(run, plan))
}

/**
 * Whoever wants every blob read back does not rely on manifests that are there already; nor does who has a server promote images, since what
 * one writes first when it is interrupted is for it to say.
 */
function questionsFor({ settings, services }: Run): BlobQuestions {
  return settings.readBack === 'full' || services.artifactory !== undefined
    ? 'ask for every blob'
    : 'ask while uploading'
}

/** What to go on with: the same, or with a plan that holds the signatures that this run has made. */
async function signFirst(run: Run, unsigned: PlannedList): Promise<PlannedList> {
  const { images, plan: planned } = unsigned
  const { services, record } = run
  const { reporter, registries, signerOf } = services
  if (planned.images.every(({ image }) => signerOf(image) === undefined)) return unsigned
  const own = await runAll(planned.images, ({ image }) => isOwnProof(image, services))
  const others = planned.images.filter((_, index) => !own[index])
  if (others.length > 0) {
    // Our signature is not put on what others had to prove first.
    await reporter.step('Verify before signing', () => verifySources(run, planned.images, others))
  }
  record.signed = await reporter.step('Sign', () => signImages(planned.images, signerOf, registries))
  await services.layouts?.commit()
  tellLeftBehind(run, planned.images)
  requireSigned(record.signed)
  // A program that was run for us does not hear of an interruption.
  services.signal.throwIfAborted()
  if (record.signed.every(({ forms }) => forms.length === 0)) return unsigned
  const plan = await reporter.step('Plan with the signatures', () =>
    planImages(run, images, questionsFor(run), NO_LISTS),
  )
  return { ...unsigned, plan }
}

async function copy({ settings, services, record }: Run, plan: Plan): Promise<void> {
  const { reporter, registries, signal } = services
  const total = totalsOf(plan).bytes
  // Where a registry would not mount, more is sent than was planned.
  const onBytes = (sent: number) => reporter.progress(sent, Math.max(sent, total))
  const proofs = proofsFor(settings.readBack, total)
  const server = services.artifactory?.copyOf(plan)
  record.copied = await copyImages(plan, registries, {
    ...proofs,
    signal,
    onBytes,
    ...(server && { server }),
  })
  requireCopied(record.copied)
}

/** What a registry has of its own is not read by this machine unless that was asked for. */
function proofsFor(readBack: Settings['readBack'], total: number): Pick<Proving, 'sent' | 'mounted'> {
  if (readBack !== 'auto') return { sent: readBack, mounted: readBack }
  return { sent: total <= READ_BACK_LIMIT ? 'full' : 'head', mounted: 'head' }
}

async function verifyCopies({ services, record }: Run, plan: Plan): Promise<void> {
  record.findings = await verifyTargets(plan, record, await services.policy(), services)
  requireProven(plan, record.findings)
}

/** Only now is it true that all images of each bundle are in its repository. */
async function tellImgpkg({ services, record }: Run, locations: PlannedList['locations']): Promise<void> {
  if (locations.length === 0) return
  const { reporter, registries } = services
  await reporter.step('Write the image locations', async () => {
    // Loaded when it is needed: most runs meet no bundle.
    const { writeLocations } = await import('../copy/write-locations.ts')
    const { written, errors } = await writeLocations(locations, registries)
    record.locations = written
    throwAll(errors)
    reporter.info(`imgpkg finds the images of ${count(locations.length, 'bundle')} where they are now`)
  })
}

async function move(run: Run, plan: Plan): Promise<void> {
  const { services, record } = run
  await moveTagsTo((repository) => !isLayout(repository), run, plan)
  record.copied = await putWaitingSignatures(plan, record.copied, services.tagRegistries)
  requireCopied(record.copied)
}

async function removeSources({ services }: Run, plan: Plan): Promise<void> {
  const left = (await services.artifactory?.removeSources(plan)) ?? []
  for (const sentence of left) services.reporter.warn(sentence)
}
