import type { ImageResult } from './run-result.ts'
import { shortDigest, withoutDigest } from './short-digest.ts'

/** The source of an image for a place where a person reads it: the name, and the beginning of the digest. */
export function shortSource({ source, digest }: Pick<ImageResult, 'source' | 'digest'>): string {
  return `${withoutDigest(source)}@${shortDigest(digest)}`
}
