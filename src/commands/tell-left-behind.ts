import { attachedToSignatures } from '../graph/attached-to-signatures.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { formatReference } from '../oci/reference.ts'
import type { Run } from './run.ts'

/** Warns of what hung on signatures to which this run has added one; `found` is the images as they were before. */
export function tellLeftBehind({ services, record }: Run, found: readonly FoundImage[]): void {
  for (const [index, { image, graph }] of found.entries()) {
    if (!record.signed[index]?.forms.includes('tag')) continue
    for (const { kind, subject, manifest } of attachedToSignatures(graph)) {
      const what = `The ${kind} ${manifest.descriptor.digest} of ${formatReference(image.reference)}`
      services.reporter.warn(
        `${what} hangs on its signatures as they were before (${subject}): it is still there, but not found from the image any longer, and not promoted with it`,
        image.location,
      )
    }
  }
}
