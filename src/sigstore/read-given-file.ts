import { readFile } from 'node:fs/promises'
import { PromotionError } from '../errors.ts'

/** The text of a file that an input names; `what` it is stands at the beginning of the message. Throws a PromotionError of kind `input`. */
export async function readGivenFile(path: string, what: string, input: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new PromotionError('input', `${what} ${path} cannot be read`, {
      cause,
      hint: `Check the path given as \`${input}\`.`,
    })
  }
}
