import type { PlanTotals } from '../plan/plan-totals.ts'
import { COMMAND_TITLES } from './command-titles.ts'
import { driftVerdict } from './drift-verdict.ts'
import type { RunResult } from './run-result.ts'
import { count, formatBytes } from './safe-text.ts'
import { undoneVerdict } from './undone-verdict.ts'

/** The verdict of a run in one sentence, the first thing that is read in a summary and the last in a log. */
export function verdictLine(result: RunResult): string {
  const { command, totals, succeeded } = result
  if (!succeeded && isMended(result)) {
    return `Repair: ${mending(result)}; the rest is left, with ${count(result.errors.length, 'error')}`
  }
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
    case 'check':
      return `${images} checked: the targets are as the list and the policy say`
    case 'repair':
      return `${images} whole: ${mending(result)}`
    case 'rollback':
      return `Rolled back: ${undoneVerdict(result.undone ?? [])}`
    case 'promote':
    case 'finish':
      return promotion(result)
  }
}

function promotion({ totals, policy, plan }: RunResult): string {
  const images = count(totals.images, 'image')
  const how = policy?.by === 'nobody' ? ' unverified' : ''
  const attested = totals.attested > 0 ? `${totals.attested} attested, ` : ''
  const done = `${copying(totals)}, ${attested}`
  return plan?.shard === undefined
    ? `${images} promoted${how}: ${done}${count(totals.tags, 'tag')} moved`
    : `${images} of part ${plan.shard} brought${how}: ${done}no tag moved before the plan is finished`
}

function copying({ copied, present, bytes }: RunResult['totals']): string {
  return `${copied} copied, ${present} in place already, ${formatBytes(bytes)} sent`
}

/** Whether a failed repair did all that it could, so that its errors are about what it leaves. */
function isMended({ images }: RunResult): boolean {
  const targets = images.flatMap((image) => image.targets)
  return (
    targets.some(({ mended }) => mended !== undefined) &&
    targets.every(({ mended, outcome }) => mended !== undefined || outcome === 'present')
  )
}

function mending({ totals, fallbackTags = [] }: RunResult): string {
  const { copied, present, bytes } = totals
  const rebuilt = fallbackTags.filter(({ action }) => action === 'rebuilt').length
  const lists = rebuilt > 0 ? `, ${count(rebuilt, 'list')} of referrers rebuilt` : ''
  return `${copied} mended, ${present} needed nothing, ${formatBytes(bytes)} sent${lists}`
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
    `${count(tags, 'tag')} to create or move`,
  ].join(', ')
}

function failure({ command, errors, images, undone, drift = [] }: RunResult): string {
  if (drift.length > 0) return `Drift: ${driftVerdict(drift, errors.length)}`
  const number = count(errors.length, 'error')
  // Before there is an image, or a tag to undo, the command has not begun.
  return images.length === 0 && undone === undefined
    ? `Nothing was done: ${number}`
    : `${COMMAND_TITLES[command]} failed with ${number}`
}

/** What a failed run left behind: first what people and clusters do not see yet, last the tags, which they do. */
function aftermath({ images, command, totals, undone }: RunResult): readonly string[] {
  if (undone !== undefined) return [undoneVerdict(undone)]
  if (images.length === 0) return []
  const targets = images.flatMap((image) => image.targets)
  const moved = targets.flatMap(({ tags }) => tags.filter(({ action, done }) => action !== 'keep' && done))
  const wrote = totals.signed > 0 || targets.some(({ outcome }) => outcome !== 'planned')
  return [
    ...(totals.signed > 0 ? [`${count(totals.signed, 'image')} had been signed`] : []),
    ...(totals.copied > 0 ? [`${count(totals.copied, 'image')} had been copied by digest`] : []),
    ...(wrote ? [] : ['nothing was written']),
    ...((command === 'promote' || command === 'finish') && wrote
      ? [moved.length === 0 ? 'no tag was moved' : `${count(moved.length, 'tag')} had been moved`]
      : []),
  ]
}
