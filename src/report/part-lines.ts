import { markdownHead, markdownRow } from './fit-markdown.ts'
import type { PartResult } from './run-result.ts'
import { formatBytes } from './safe-text.ts'

const SECOND = 1000

/** What each part of a plan brought, as lines of Markdown; nothing for a run that finished none. */
export function partLines(parts: readonly PartResult[]): readonly string[] {
  if (parts.length === 0) return []
  const rows = parts.map(({ shard, images, bytes, startedAt, finishedAt }) =>
    markdownRow([shard, String(images), formatBytes(bytes), timeBetween(startedAt, finishedAt)]),
  )
  return [...markdownHead(['Part', 'Images', 'Sent', 'Time']), ...rows, '']
}

/** `3 min 4 s`, `12 s`. */
function timeBetween(start: string, end: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / SECOND))
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}
