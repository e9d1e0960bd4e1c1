import type { Command } from '../inputs/settings.ts'
import type { PlanTotals } from '../plan/plan-totals.ts'
import type { RunResult } from './run-result.ts'
import { count, formatBytes } from './safe-text.ts'

/** The verdict of a run in one sentence, the first thing that is read in a summary and the last in a log. */
export function verdictLine(result: RunResult): string {
  const { command, totals, succeeded, policy } = result
  if (!succeeded) return [failure(result), ...aftermath(result)].join('; ')
  const images = count(totals.images, 'image')
  switch (command) {
    case 'plan':
      return result.exitCode === 0
        ? `Nothing to do: ${images} in place`
        : `${images} planned: ${workload(result.planned)}; nothing was written`
    case 'sign':
      return signing(totals)
    case 'verify':
      return `${images} verified`
    case 'promote':
      return `${images} promoted${policy?.by === 'nobody' ? ' unverified' : ''}: ${totals.copied} copied, ${totals.present} in place already, ${formatBytes(totals.bytes)} sent, ${totals.attested > 0 ? `${totals.attested} attested, ` : ''}${count(totals.tags, 'tag')} moved`
  }
}

/** Of the images that somebody is to sign. */
function signing({ images, signed, notToSign }: RunResult['totals']): string {
  const wanted = images - notToSign
  const done =
    signed === 0
      ? `${count(wanted, 'image')} signed already`
      : `${signed} of ${count(wanted, 'image')} signed`
  return notToSign === 0 ? done : `${done}, ${notToSign} not to be signed`
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

function failure({ command, errors, images }: RunResult): string {
  const number = count(errors.length, 'error')
  // Before there is an image the command has not begun.
  return images.length === 0 ? `Nothing was done: ${number}` : `${TITLES[command]} failed with ${number}`
}

const TITLES: Readonly<Record<Command, string>> = {
  promote: 'Promote',
  plan: 'Plan',
  sign: 'Sign',
  verify: 'Verify',
}

/** What a failed run left behind: first what people and clusters do not see yet, last the tags, which they do. */
function aftermath({ images, command, totals }: RunResult): readonly string[] {
  if (images.length === 0) return []
  const targets = images.flatMap((image) => image.targets)
  const moved = targets.flatMap(({ tags }) => tags.filter(({ action, done }) => action !== 'keep' && done))
  const wrote = totals.signed > 0 || targets.some(({ outcome }) => outcome !== 'planned')
  return [
    ...(totals.signed > 0 ? [`${count(totals.signed, 'image')} had been signed`] : []),
    ...(totals.copied > 0 ? [`${count(totals.copied, 'image')} had been copied by digest`] : []),
    ...(wrote ? [] : ['nothing was written']),
    ...(command === 'promote' && wrote
      ? [moved.length === 0 ? 'no tag was moved' : `${count(moved.length, 'tag')} had been moved`]
      : []),
  ]
}
