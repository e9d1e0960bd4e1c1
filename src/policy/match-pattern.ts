import { Minimatch } from 'minimatch'

/** Nothing is a comment, a negation or a list of alternatives here: a pattern means what it looks like, on every system. */
const LITERAL = {
  nocomment: true,
  nonegate: true,
  nobrace: true,
  noext: true,
  dot: true,
  platform: 'linux',
} as const

/** Tells whether a name matches a pattern, in which `*` is the only character with a meaning: brackets stand in IPv6 addresses. */
export function matchPattern(pattern: string): (name: string) => boolean {
  const compiled = new Minimatch(pattern.replace(/[[\]]/g, '\\$&'), LITERAL)
  return (name) => compiled.match(name)
}
