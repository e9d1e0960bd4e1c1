import { isTag } from './reference.ts'

/** The tag in front of a reference's digest (`name:tag@digest`), which says how people know the image; undefined where there is none. */
export function tagBeforeDigest(written: string): string | undefined {
  const [name = ''] = written.split('@')
  const tag = name.slice(name.lastIndexOf('/') + 1).split(':')[1]
  return tag !== undefined && isTag(tag) ? tag : undefined
}
