import { PromotionError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { quoteValue } from '../oci/quote-value.ts'

/** One of Sigstore's formats (sigstore/protobuf-specs), as its reader needs it. */
export interface Format<T> {
  readonly mediaTypes: readonly string[]
  /** Throws an Error for what is not of the format. */
  fromJSON(json: JsonObject): T
  /** The error for a text that cannot be used. */
  malformed(why: string, cause?: unknown): PromotionError
}

/** Reads a text in one of Sigstore's formats. Throws the format's own error. */
export function readFormat<T>(text: string, { mediaTypes, fromJSON, malformed }: Format<T>): T {
  try {
    const json: unknown = JSON.parse(text)
    if (!isJsonObject(json)) throw malformed('it is not a JSON object')
    const { mediaType } = json
    if (typeof mediaType === 'string' && mediaTypes.includes(mediaType)) return fromJSON(json)
    const [only, ...others] = mediaTypes
    const wanted = others.length === 0 ? ` instead of "${only}"` : ''
    throw malformed(`its mediaType is ${quoteValue(mediaType)}${wanted}`)
  } catch (cause) {
    if (cause instanceof PromotionError) throw cause
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause)
  }
}
