import type { PlanTotals } from '../plan/plan-totals.ts'
import type { RunResult } from './run-result.ts'
import { count, formatBytes } from './safe-text.ts'

/** The verdict of a run in one sentence, the first thing that is read in a summary and the last in a log. */
export function verdictLine(result: RunResult): string {
  const { command, totals, errors, succeeded } = result
  if (!succeeded)
    return `${title(command)} failed with ${count(errors.length, 'error')}; ${tagsSentence(result)}`
  const images = count(totals.images, 'image')
  switch (command) {
    case 'plan':
      return result.exitCode === 0
        ? `Nothing to do: ${images} in place`
        : `${images} planned: ${workload(result.planned)}; nothing was written`
    case 'sign':
      return totals.signed === 0
        ? `${images} signed already`
        : `${count(totals.signed, 'image')} of ${totals.images} signed`
    case 'verify':
      return `${images} verified`
    case 'promote':
      return `${images} promoted: ${totals.copied} copied, ${totals.present} in place already, ${formatBytes(totals.bytes)} sent, ${count(totals.tags, 'tag')} moved`
  }
}

/** What promoting would do, in numbers. */
function workload(planned: PlanTotals | null): string {
  if (planned === null) return 'nothing'
  const { manifests, blobs, bytes, mounts, attachedTags, tags } = planned
  return [
    `${count(manifests, 'manifest')} and ${count(blobs, 'blob')} to send (${formatBytes(bytes)})`,
    `${count(mounts, 'blob')} to mount`,
    `${count(attachedTags, 'attached artifact')} to list`,
    `${count(tags, 'tag')} to move`,
  ].join(', ')
}

/** What a failed run left of tags, which is what people and clusters see. */
function tagsSentence({ images, command }: RunResult): string {
  if (command !== 'promote') return 'nothing was promoted'
  const moved = images.flatMap(({ targets }) =>
    targets.flatMap(({ tags }) => tags.filter(({ action, done }) => action !== 'keep' && done)),
  )
  return moved.length === 0 ? 'no tag was moved' : `${count(moved.length, 'tag')} had been moved`
}

function title(command: string): string {
  return `${command.charAt(0).toUpperCase()}${command.slice(1)}`
}
