import type { ImageLayout } from './image-layout.ts'
import { RepositoryContents } from './repository-contents.ts'

/** What a layout lists for a repository, by `host/path` or for all of them. */
export async function contentsOf(layout: ImageLayout, repository: string): Promise<RepositoryContents> {
  const index = await layout.index()
  const listed = index.listed(repository).map(({ descriptor }) => descriptor)
  return await RepositoryContents.load(listed, (descriptor) => layout.readManifest(descriptor))
}
