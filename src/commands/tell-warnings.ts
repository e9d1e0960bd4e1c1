import type { FoundImage } from '../graph/discover-images.ts'
import type { Run } from './run.ts'

/** Tells what was found on the images and could not be taken for a part of them, each thing once a run. */
export function tellWarnings({ services, record }: Run, found: readonly FoundImage[]): void {
  for (const { image, graph } of found) {
    for (const warning of new Set(graph.warnings)) {
      if (!record.warnings.includes(warning)) services.reporter.warn(warning, image.location)
    }
  }
}
