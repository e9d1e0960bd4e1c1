import { isAbsolute, relative } from 'node:path'

/** Whether a path is a directory's own or leads into it, going by the names alone; both are absolute. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path)
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way)
}
