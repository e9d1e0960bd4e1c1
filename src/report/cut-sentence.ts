import type { CutQuality } from '../plan/cut-shards.ts'
import { count, formatBytes } from './safe-text.ts'

/** How good the cut of a plan into so many parts is: what all of them read against the least possible, and the longest against the mean. */
export function cutSentence({ read, leastRead, longest, mean }: CutQuality, parts: number): string {
  const reading = `${formatBytes(read)} read at the source`
  if (parts <= 1) return `${count(parts, 'part')}, ${reading}.`
  const twice = read > leastRead ? `${times(read, leastRead)} times the least possible` : 'no layer twice'
  return `${count(parts, 'part')}, ${reading} in all, ${twice}; the longest takes ${times(longest, mean)} times the mean.`
}

function times(one: number, other: number): string {
  return (other === 0 ? 1 : one / other).toFixed(2)
}
