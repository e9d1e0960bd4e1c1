import { isJsonObject, type JsonObject } from './descriptor.ts'

/** Bytes or text as a JSON object, or `undefined`: what somebody else wrote may be anything, and the parser's own error would quote it. */
export function readJson(content: Uint8Array | string): JsonObject | undefined {
  try {
    const text =
      typeof content === 'string' ? content : new TextDecoder('utf-8', { fatal: true }).decode(content)
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
