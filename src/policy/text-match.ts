import { RE2JS } from 're2js'
import { PromotionError } from '../errors.ts'

/** A text that must be exactly this, or an expression that must match it from its first character to its last. */
export interface TextMatch {
  /** As written, for messages. */
  readonly text: string
  readonly kind: 'exact' | 'expression'
  matches(value: string): boolean
}

/** Matches this text and no other. */
export function exactly(text: string): TextMatch {
  return { text, kind: 'exact', matches: (value) => value === text }
}

/**
 * Matches what an expression of RE2 describes as a whole, in linear time whatever is written into it, as cosign reads it but for the anchors.
 * Throws a PromotionError of kind `input` that names `where` when it does not compile.
 */
export function expression(text: string, where: string): TextMatch {
  const pattern = compile(text, where)
  return { text, kind: 'expression', matches: (value) => pattern.matches(value) }
}

function compile(text: string, where: string): RE2JS {
  try {
    return RE2JS.compile(text)
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    throw new PromotionError('input', `${where} is no expression that RE2 reads${why}`, {
      cause,
      hint: 'Write an expression of RE2 (github.com/google/re2/wiki/Syntax); it has no look-around and no back references.',
    })
  }
}
