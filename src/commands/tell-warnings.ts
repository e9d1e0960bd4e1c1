import type { FoundImage } from '../graph/discover-images.ts'
import type { Reporter } from '../report/reporter.ts'

/** Tells what was found on the images and could not be taken for a part of them. */
export function tellWarnings(found: readonly FoundImage[], reporter: Reporter): void {
  for (const { image, graph } of found) {
    for (const warning of graph.warnings) reporter.warn(warning, image.location)
  }
}
