import { LAYOUT_PREFIX, originalName } from '../oci/layout-name.ts'
import { formatReference } from '../oci/reference.ts'
import { formatImagesLock, type LockEntry } from '../sources/format-images-lock.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'

/** Puts in effect what was written to the layouts among the targets, each with the list of what was promoted, as a step of its own. */
export async function writeLayouts({ settings, services }: Run, list: LoadedList): Promise<void> {
  const { layouts, reporter } = services
  const targets = settings.to.filter((template) => template.startsWith(LAYOUT_PREFIX))
  if (layouts === undefined || targets.length === 0) return
  const text = formatImagesLock(list.entries.map(entryOf))
  for (const template of targets) layouts.setList(template.slice(LAYOUT_PREFIX.length), text)
  await reporter.step('Write the archive', () => layouts.commit())
}

/** An entry of the list by the name that it has wherever it is read from. */
function entryOf({ reference: { repository, digest }, annotations }: ListedImage): LockEntry {
  return { image: formatReference({ repository: originalName(repository), digest }), annotations }
}
