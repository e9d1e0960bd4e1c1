import { lstat } from 'node:fs/promises'
import { unreadableFile } from './file-problem.ts'
import { isMissing } from './system-error.ts'

/** Whether something lies at a path, whatever it is; throws a PromotionError of kind `input` where that cannot be told. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw unreadableFile(path, error)
  }
}
