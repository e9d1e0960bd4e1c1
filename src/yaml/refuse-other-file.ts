import { PromotionError } from '../errors.ts'
import { type FileInput, fileKindOf } from './file-kind.ts'

/**
 * Refuses a file that another input is for, whose keys would all be "unknown", as a PromotionError of kind `input`; `wanted` names what is
 * read here, such as "a compose file".
 */
export function refuseOtherFile(text: string, file: string, input: FileInput, wanted: string): void {
  const found = fileKindOf(text)
  if (found === undefined || found.input === input) return
  throw new PromotionError('input', `${file} is ${found.name}, not ${wanted}`, {
    hint: `Name it in \`${found.input}\`.`,
    location: { file },
  })
}
