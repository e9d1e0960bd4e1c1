import { PromotionError } from '../errors.ts'
import { codeOf } from './system-error.ts'

/** A file that cannot be used: a PromotionError of kind `input` with the file as its place; `why` goes on after "The file". */
export function fileProblem(file: string, why: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `The file ${why}`, { hint, cause, location: { file } })
}

/** A file that the system does not let us read. */
export function unreadableFile(file: string, cause: unknown): PromotionError {
  if (codeOf(cause) === 'ENOENT') {
    const hint = 'Correct the path; it is relative to the working directory.'
    return fileProblem(file, 'does not exist', hint, cause)
  }
  // The system's message ends with the call and the path, which the location says already.
  const reason = cause instanceof Error ? cause.message.replace(/, \w+( '.*')?$/s, '') : String(cause)
  return fileProblem(file, `cannot be read: ${reason}`, 'Check the path and its permissions.', cause)
}
