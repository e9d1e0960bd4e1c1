import { formatTable } from '../../tools/markdown.ts'
import type { ScaleRun } from './scale-run.ts'

const MIB = 1024 * 1024
const HEAD = [
  'Command',
  'Link',
  'Images',
  'Wall, s',
  'CPU, s',
  'Memory, MiB',
  'Requests',
  'Requests an image',
  'Requests a second',
]

/** The curve: each command's sizes under one another. */
export function formatScale(runs: readonly ScaleRun[]): string {
  const groups = Map.groupBy(runs, ({ command, link }) => `${command}\n${link}`)
  const rows = [...groups.values()]
    .flat()
    .map((run) => [
      run.command,
      run.link,
      run.images.toLocaleString('en'),
      run.failure === null ? run.wall.toFixed(2) : `failed: ${run.failure.split('\n')[0]}`,
      run.cpu.toFixed(2),
      (run.memory / MIB).toFixed(0),
      run.requests.toLocaleString('en'),
      (run.requests / run.images).toFixed(2),
      Math.round(run.requests / run.wall).toLocaleString('en'),
    ])
  return formatTable(HEAD, rows)
}
