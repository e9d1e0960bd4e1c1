import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { PromotionError } from '../errors.ts'
import type { KeySource, RemoteKey } from './settings.ts'

/** More bytes than any key has: a device or an endless pipe is not read on. */
const KEY_LIMIT = 64 * 1024

/** The text of a key, from its file (a pipe is one too) or its variable. Throws a PromotionError of kind `input`. */
export async function readKey(source: KeySource): Promise<string> {
  if ('text' in source) return source.text.reveal()
  const bytes = await readBeginning(source.path)
  if (bytes.byteLength <= KEY_LIMIT) return bytes.toString('utf8')
  throw new PromotionError('input', `The key ${source.path} is larger than ${KEY_LIMIT} bytes`, {
    hint: 'Check the path: it must name a PEM file.',
  })
}

/** How a key is named to people: its path, or `env://` and its variable. */
export function nameOfKey(source: KeySource | RemoteKey): string {
  if ('uri' in source) return source.uri
  return 'path' in source ? source.path : `env://${source.variable}`
}

async function readBeginning(path: string): Promise<Buffer> {
  try {
    // `end` counts from 0 and is read as well: one byte more than allowed tells a larger file.
    return await buffer(createReadStream(path, { end: KEY_LIMIT }))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
    throw new PromotionError('input', `The key ${path} cannot be read${code}`, {
      cause,
      hint: 'Check the path, or give the key by an environment variable as env://NAME.',
    })
  }
}
