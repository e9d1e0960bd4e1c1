import { runAll } from '../concurrency.ts'
import { isLayout } from '../oci/layout-name.ts'
import { isPinned } from '../oci/reference.ts'
import type { BundleContent } from '../sources/follow-bundle.ts'
import { followBundles } from '../sources/follow-bundles.ts'
import { type LoadedList, loadImages } from '../sources/load-images.ts'
import { uniqueImages } from '../sources/unique-images.ts'
import { archivedList } from './archived-list.ts'
import { heedImages } from './heed-images.ts'
import type { Run } from './run.ts'
import { lockPaths } from './write-locks.ts'

/** What the sources list: every entry, for the rewritten lock, and each image once with those of all bundles, to work on. */
export interface ImageList extends BundleContent {
  readonly list: LoadedList
}

/** Reads what the sources list, each entry pinned. */
export async function readImages(run: Run): Promise<ImageList> {
  const { settings, services } = run
  const { reporter, registries, layouts, workingDirectory } = services
  const { lock, bundles, images, from } = settings
  const list = await loadImages(
    {
      archived: await archivedList(run),
      lock,
      bundles,
      images,
      compose: services.compose,
      from,
      outputs: lockPaths(settings),
      workingDirectory,
    },
    {
      resolve: async (reference) => {
        const { repository, tag } = reference
        const found = await registries.source(repository).resolve(tag)
        // A registry says less of what it has than a layout, which lists it.
        if (found === undefined && isLayout(repository)) await layouts?.requireImage(reference)
        return found?.digest
      },
      fetch: (reference) =>
        registries
          .source(reference.repository)
          .fetchManifest(isPinned(reference) ? reference.digest : reference.tag),
    },
    (message, location) => reporter.warn(message, location),
  )
  const pinned = list.entries.filter(({ reference }) => isLayout(reference.repository))
  await runAll(
    pinned.map((image) => ({ image })),
    async ({ image }) => {
      await layouts?.requireImage(image.reference)
    },
  )
  const content = await followBundles(uniqueImages(list.entries), registries)
  return { list, bundles: content.bundles, images: await heedImages(run, content.images) }
}
