import { stat } from 'node:fs/promises'
import { PromotionError } from '../errors.ts'
import { isMissing } from '../files/system-error.ts'
import { LAYOUT_PREFIX } from '../oci/layout-name.ts'

/** What changes whenever a file is replaced or written to; undefined where there is none. */
export async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs].join(' ')
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw cause
  }
}

/** Throws a PromotionError of kind `conflict` when a file is not the one any more that had this stamp. */
export async function requireStamp(path: string, file: string, stamp: string | undefined): Promise<void> {
  if ((await stampOf(file)) === stamp) return
  throw new PromotionError('conflict', `${LAYOUT_PREFIX}${path} was changed by another program meanwhile`, {
    hint: 'Nothing of it was overwritten: let one run after the other write to a layout, and run again.',
  })
}
