import { errorsOf, settleAll } from '../concurrency.ts'
import { requireCopied } from '../copy/outcome.ts'
import { putWaitingSignatures } from '../copy/put-atomic-signatures.ts'
import { type PromotionError, throwAll } from '../errors.ts'
import { TagLists } from '../graph/tag-lists.ts'
import type { LookedAtImage } from '../plan/look-at-image.ts'
import { planLooked } from '../plan/plan-looked.ts'
import { carryOut } from './bring-images.ts'
import { choosePromoted } from './choose-promoted.ts'
import { findFallbacks } from './find-fallbacks.ts'
import { questionsFor } from './questions-for.ts'
import { readImages } from './read-images.ts'
import { rebuildFallbacks } from './rebuild-fallbacks.ts'
import { recordPlan } from './record-plan.ts'
import { reportFallbacks } from './report-fallbacks.ts'
import type { Run } from './run.ts'
import { lookAtImages, type SeenImages, seeImages } from './see-images.ts'
import { tellPlan } from './tell-plan.ts'

/**
 * Brings to images at their targets what they lack of what their sources have: children, signatures, attestations, SBOMs and referrers, by digest.
 * Moves no tag of an image, and brings no image that is not there at all. What could not be mended is thrown when the rest has been.
 */
export async function repair(run: Run): Promise<void> {
  const { reporter } = run.services
  const read = await reporter.step('Read the image list', () => readImages(run))
  const looking = { lists: new TagLists(read.images.length) }
  const first = await reporter.step('Look at the targets', () => seeImages(run, read, looking))
  const { seen, errors } = await mendFallbacks(run, first, looking)
  const { promoted, left } = choosePromoted(seen)
  const failed = promoted.length === 0 ? [] : await mend(run, promoted)
  throwAll([...errors, ...left, ...failed])
}

/** What can be seen once lists of referrers that hide it are out of the way, where that is wanted. */
async function mendFallbacks(
  run: Run,
  first: SeenImages,
  looking: { readonly lists: TagLists },
): Promise<{ readonly seen: SeenImages['images']; readonly errors: readonly PromotionError[] }> {
  const { images, errors } = await findFallbacks(run, first, looking)
  run.record.fallbackTags = []
  if (images.length === 0) return { seen: first.images, errors }
  if (!run.settings.rebuildFallback) {
    return { seen: first.images, errors: [...errors, ...reportFallbacks(run, images)] }
  }
  const failed = await rebuildFallbacks(run, images)
  const again = new Set(images.map(({ image }) => image))
  const second = await lookAtImages(run, [...again], looking)
  return {
    seen: [...first.images.filter(({ image }) => !again.has(image)), ...second.images],
    errors: [...errors, ...(failed.length > 0 ? failed : second.unseen.map(({ error }) => error))],
  }
}

/** Plans for these images, and carries the plan out; returns what could not be done. */
async function mend(run: Run, promoted: readonly LookedAtImage[]): Promise<readonly PromotionError[]> {
  const { services, record } = run
  const { reporter, registries } = services
  const { plan, problems } = await reporter.step('Plan', () =>
    planLooked(promoted, { existingTags: 'refuse' }, registries, questionsFor(run)),
  )
  throwAll(problems)
  recordPlan(record, plan)
  tellPlan(plan, reporter)
  const settled = await settleAll([plan], 1, async () => {
    await carryOut(run, plan)
    record.copied = await putWaitingSignatures(plan, record.copied, registries)
    requireCopied(record.copied)
    await services.layouts?.commit()
  })
  return errorsOf(settled, () => undefined)
}
