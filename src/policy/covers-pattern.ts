import { matchPattern } from './match-pattern.ts'

const ANY_SEGMENTS = '**'
/** What no pattern holds as it is: only a `*` can match it, and then it matches whatever else stands there. */
const WHATEVER = '\u0001'

/**
 * Whether every repository that `later` matches is matched by `earlier` too. A true is certain; a false need not be: a `**` of `earlier`
 * that is not its end is taken for one segment.
 */
export function coversPattern(earlier: string, later: string): boolean {
  if (earlier === later) return true
  const wide = earlier.split('/')
  const narrow = later.split('/')
  const isOpen = wide.at(-1) === ANY_SEGMENTS
  const fixed = isOpen ? wide.slice(0, -1) : wide
  if (narrow.slice(0, fixed.length).includes(ANY_SEGMENTS)) return false
  const isLongEnough = isOpen ? narrow.length > fixed.length : narrow.length === fixed.length
  return isLongEnough && fixed.every((segment, index) => coversSegment(segment, narrow[index] ?? ''))
}

function coversSegment(earlier: string, later: string): boolean {
  return matchPattern(earlier)(later.replaceAll('*', WHATEVER))
}
