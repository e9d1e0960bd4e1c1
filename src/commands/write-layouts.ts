import { isLayout, layoutIn } from '../oci/layout-name.ts'
import type { Plan } from '../plan/plan.ts'
import type { LoadedList } from '../sources/load-images.ts'
import { lockDocument } from '../sources/lock-document.ts'
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
  // One of Carvel's locks, whatever the format of the list: it needs nothing but the layout.
  const archived = lockDocument(list.document.listed)
  for (const [index, target] of settings.to.entries()) {
    const path = layoutIn(target)
    if (path !== undefined) layouts.setList(path, archived.rewrite(placesAt(plan, list, index)))
  }
  await reporter.step('Write the archive', async () => {
    await moveTagsTo(isLayout, run, plan)
    await layouts.commit()
  })
}
