import { runAll } from '../concurrency.ts'
import { copyImages } from '../copy/copy-images.ts'
import { requireCopied } from '../copy/outcome.ts'
import type { Proving } from '../copy/prove.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Plan } from '../plan/plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import { requireSigned, signImages } from '../sign/sign-images.ts'
import { attest } from './attest.ts'
import { isOwnProof } from './is-own-proof.ts'
import type { Prepared } from './prepared.ts'
import type { Run } from './run.ts'
import { runPreflight } from './run-preflight.ts'
import { tellLeftBehind } from './tell-left-behind.ts'
import { verifyCopies } from './verify-copies.ts'
import { verifySources } from './verify-sources.ts'

/** Bytes up to which all blobs are read back in full unless the inputs say otherwise. */
const READ_BACK_LIMIT = 1024 ** 3

/** A list of tags may lag behind what was written a moment ago. */
const NO_LISTS = { of: () => Promise.resolve(undefined) }

/**
 * The first half of a promotion: signs if asked, verifies, copies by digest, verifies at the targets, and attests to that if asked. Nobody sees
 * any of it before a tag leads there. Returns the plan that was carried out.
 */
export async function bringImages(prepared: Prepared): Promise<Plan> {
  const plan = await signFirst(prepared)
  await carryOut(prepared.run, plan)
  await attest(prepared.run, plan, prepared.digest)
  return plan
}

/** Verifies at the source, finds out whether the targets can be written to, copies by digest, and verifies at the targets. */
export async function carryOut(run: Run, plan: Plan): Promise<void> {
  const { reporter } = run.services
  await reporter.step('Verify at the source', () => verifySources(run, plan.images))
  await runPreflight(run, plan, 'try')
  await reporter.step('Copy', () => copy(run, plan))
  await reporter.step('Verify at the targets', () => verifyCopies(run, plan))
}

/** The plan to go on with: the same, or one that holds the signatures that this run has made. */
async function signFirst({ run, plan, planAgain }: Prepared): Promise<Plan> {
  const { services, record } = run
  const { reporter, registries, signerOf } = services
  if (plan.images.every(({ image }) => signerOf(image) === undefined)) return plan
  const own = await runAll(plan.images, ({ image }) => isOwnProof(image, services))
  const others = plan.images.filter((_, index) => !own[index])
  if (others.length > 0) {
    // Our signature is not put on what others had to prove first.
    await reporter.step('Verify before signing', () => verifySources(run, plan.images, others))
  }
  record.signed = await reporter.step('Sign', () => signImages(plan.images, signerOf, registries))
  await services.layouts?.commit()
  tellLeftBehind(run, plan.images)
  requireSigned(record.signed)
  // A program that was run for us does not hear of an interruption.
  services.signal.throwIfAborted()
  if (record.signed.every(({ forms }) => forms.length === 0)) return plan
  return reporter.step('Plan with the signatures', () => planAgain(NO_LISTS))
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
