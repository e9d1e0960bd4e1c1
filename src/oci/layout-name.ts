import { normalize } from 'node:path'
import { formatRepository, parseRepositoryName, type RepositoryName } from './reference.ts'

/** What stands in front of the path of an OCI image layout (OCI image specification, "Image Layout"). */
export const LAYOUT_PREFIX = 'oci-layout:'

/** The path of the layout that a text such as `oci-layout:folder` names, in its shortest form; undefined for any other text. */
export function layoutIn(text: string): string | undefined {
  if (!text.startsWith(LAYOUT_PREFIX)) return undefined
  const path = text.slice(LAYOUT_PREFIX.length)
  return path === '' ? '' : normalize(path)
}

/** Whether a repository lies in a layout on disk. */
export function isLayout({ registry }: RepositoryName): boolean {
  return registry.startsWith(LAYOUT_PREFIX)
}

/** The path of the layout that a repository lies in. */
export function layoutPath({ registry }: RepositoryName): string {
  return registry.slice(LAYOUT_PREFIX.length)
}

/** The repository of a layout that stands for one of a registry: its path is the whole name of that one. */
export function inLayout(path: string, repository: RepositoryName): RepositoryName {
  return { registry: `${LAYOUT_PREFIX}${path}`, path: formatRepository(repository) }
}

/** The repository of a registry that one of a layout stands for; any other stands for itself. */
export function originalName(repository: RepositoryName): RepositoryName {
  return isLayout(repository) ? parseRepositoryName(repository.path) : repository
}
