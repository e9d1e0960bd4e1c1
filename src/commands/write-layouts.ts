import { isLayout, layoutIn, originalName } from '../oci/layout-name.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { formatImagesLock, type LockEntry } from '../sources/format-images-lock.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { ListedImage } from '../sources/source.ts'
import { moveTagsTo } from './move-tags-to.ts'
import type { Run } from './run.ts'

/**
 * Puts in effect what was written to the layouts among the targets, each with its tags and the list of what was promoted, as a step of its
 * own. Nobody looks into a layout until somebody carries it away: it is whole before a tag moves that others look at.
 */
export async function writeLayouts(run: Run, plan: Plan, list: LoadedList): Promise<void> {
  const { settings, services } = run
  const { layouts, reporter } = services
  const targets = settings.to.map(layoutIn).filter((path) => path !== undefined)
  if (layouts === undefined || targets.length === 0) return
  const text = formatImagesLock(list.entries.map(entryOf))
  for (const path of targets) layouts.setList(path, text)
  await reporter.step('Write the archive', async () => {
    await moveTagsTo(isLayout, run, plan)
    await layouts.commit()
  })
}

/** An entry of the list by the name that it has wherever it is read from. */
function entryOf({ reference: { repository, digest }, annotations }: ListedImage): LockEntry {
  return { image: formatReference({ repository: originalName(repository), digest }), annotations }
}
