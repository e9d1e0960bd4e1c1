import { isLayout, layoutIn, originalName } from '../oci/layout-name.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { formatImagesLock, type LockEntry } from '../sources/format-images-lock.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { ListedImage } from '../sources/source.ts'
import { moveTagsTo } from './move-tags-to.ts'
import { placesAt } from './places-at.ts'
import type { Run } from './run.ts'

/**
 * Puts in effect what was written to the layouts among the targets, each with its tags and the list of what was promoted, as a step of its
 * own. Nobody looks into a layout until somebody carries it away: it is whole before a tag moves that others look at.
 */
export async function writeLayouts(run: Run, plan: Plan, list: LoadedList): Promise<void> {
  const { settings, services } = run
  const { layouts, reporter } = services
  if (layouts === undefined || !settings.to.some((target) => layoutIn(target) !== undefined)) return
  for (const [index, target] of settings.to.entries()) {
    const path = layoutIn(target)
    if (path !== undefined) layouts.setList(path, listFor(index, plan, list))
  }
  await reporter.step('Write the archive', async () => {
    await moveTagsTo(isLayout, run, plan)
    await layouts.commit()
  })
}

/** A single bundle stays one, with its tag; of all else it is an ImagesLock, whatever the format of the list: that one needs nothing but the layout. */
function listFor(index: number, plan: Plan, list: LoadedList): string {
  const { document, entries } = list
  const [only, ...others] = document.listed
  return only?.isBundle && others.length === 0
    ? document.rewrite(placesAt(plan, list, index))
    : formatImagesLock(entries.map(entryOf))
}

/** An entry of the list by the name that it has wherever it is read from. */
function entryOf({ reference: { repository, digest }, annotations }: ListedImage): LockEntry {
  return { image: formatReference({ repository: originalName(repository), digest }), annotations }
}
