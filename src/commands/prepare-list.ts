import { requireWritable } from '../files/write-whole.ts'
import { planDigest } from '../plan/plan-digest.ts'
import { placesAt } from './places-at.ts'
import { planImages } from './plan-images.ts'
import { planList } from './plan-list.ts'
import type { Prepared } from './prepared.ts'
import { questionsFor } from './questions-for.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { planPaths } from './save-plan.ts'
import { lockPaths } from './write-locks.ts'

/** Reads what the sources list, and plans for it. */
export async function prepareList(run: Run): Promise<Prepared> {
  const { reporter } = run.services
  await requireWritable([...lockPaths(run.settings), ...planPaths(run.settings)])
  const read = await reporter.step('Read the image list', () => readImages(run))
  const { plan, list, images, locations } = await reporter.step('Plan', () =>
    planList(run, read, questionsFor(run)),
  )
  const { document } = list
  return {
    run,
    plan,
    digest: planDigest(plan),
    locations,
    list,
    locks: {
      ...(document.keysFrom !== undefined && { keysFrom: document.keysFrom }),
      textAt: (target) => document.rewrite(placesAt(plan, list, target)),
    },
    planAgain: (lists) => planImages(run, images, questionsFor(run), lists),
  }
}
