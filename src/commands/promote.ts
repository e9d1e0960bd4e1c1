import { copyImages } from '../copy/copy-images.ts'
import { moveTags } from '../copy/move-tags.ts'
import { requireCopied } from '../copy/outcome.ts'
import type { Proving } from '../copy/prove.ts'
import type { Settings } from '../inputs/settings.ts'
import type { BlobQuestions } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import { requireWritable } from '../report/write-whole.ts'
import { requireSigned, signImages } from '../sign/sign-images.ts'
import type { ListedImage } from '../sources/source.ts'
import { requireProven, verifyTargets } from '../verify/verify-targets.ts'
import { attest } from './attest.ts'
import { isOwnProof } from './is-own-proof.ts'
import { planImages } from './plan-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { tellLeftBehind } from './tell-left-behind.ts'
import { verifySources } from './verify-sources.ts'
import { lockPaths, writeLocks } from './write-locks.ts'

/** Bytes up to which all blobs are read back in full unless the inputs say otherwise. */
const READ_BACK_LIMIT = 1024 ** 3

/** A list of tags may lag behind what was written a moment ago. */
const NO_LISTS = { of: () => Promise.resolve(undefined) }

/** Signs if asked, verifies, copies by digest, verifies at the targets, attests to that if asked, and moves the tags last. */
export async function promote(run: Run): Promise<void> {
  const { reporter } = run.services
  await requireWritable(lockPaths(run.settings))
  const { list, images } = await reporter.step('Read the image list', () => readImages(run))
  const planned = await reporter.step('Plan', () => planImages(run, images, questionsFor(run)))
  const plan = await signFirst(run, images, planned)
  await reporter.step('Verify at the source', () => verifySources(run, plan.images))
  await reporter.step('Copy', () => copy(run, plan))
  await reporter.step('Verify at the targets', () => verifyCopies(run, plan))
  await attest(run, plan)
  // From here on an interruption waits: half of the tags would be worse than all or none.
  run.services.signal.throwIfAborted()
  await reporter.step('Move the tags', () => move(run, plan))
  await writeLocks(run, plan, list)
}

/** Whoever wants every blob read back does not rely on manifests that are there already. */
function questionsFor({ settings }: Run): BlobQuestions {
  return settings.readBack === 'full' ? 'ask for every blob' : 'ask while uploading'
}

/** The plan to go on with: the same one, or one that holds the signatures that this run has made. */
async function signFirst(run: Run, images: readonly ListedImage[], planned: Plan): Promise<Plan> {
  const { services, record } = run
  const { reporter, registries, signer } = services
  if (signer === undefined) return planned
  if (!(await isOwnProof(signer, services))) {
    // Our signature is not put on what others had to prove first.
    await reporter.step('Verify before signing', () => verifySources(run, planned.images))
  }
  record.signed = await reporter.step('Sign', () => signImages(planned.images, signer, registries))
  tellLeftBehind(run, planned.images)
  requireSigned(record.signed)
  // A program that was run for us does not hear of an interruption.
  services.signal.throwIfAborted()
  if (record.signed.every(({ forms }) => forms.length === 0)) return planned
  return await reporter.step('Plan with the signatures', () =>
    planImages(run, images, questionsFor(run), NO_LISTS),
  )
}

async function copy({ settings, services, record }: Run, plan: Plan): Promise<void> {
  const { reporter, registries, signal } = services
  const total = totalsOf(plan).bytes
  // Where a registry would not mount, more is sent than was planned.
  const onBytes = (sent: number) => reporter.progress(sent, Math.max(sent, total))
  const proofs = proofsFor(settings.readBack, total)
  record.copied = await copyImages(plan, registries, { ...proofs, signal, onBytes })
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

async function move({ services, record }: Run, plan: Plan): Promise<void> {
  const { moved, error } = await moveTags(plan, services.tagRegistries)
  record.moved = moved
  if (error !== undefined) throw error
}
