import { applyMoves, type MoveWords } from '../copy/apply-moves.ts'
import { nameOfMove } from '../copy/tag-move.ts'
import { formatReference } from '../oci/reference.ts'
import { type FoundTag, planRollback } from '../plan/plan-rollback.ts'
import type { PromotedTag } from '../plan/promoted-tag.ts'
import { isInRegistry } from '../report/is-in-registry.ts'
import { promotedTags } from '../report/promoted-tags.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { count } from '../report/safe-text.ts'
import type { Run } from './run.ts'
import { undoneTags } from './undone-tags.ts'

const WORDS: MoveWords = {
  seen: 'when the rollback looked at it',
  allBack: 'every tag is where the promotion put it',
  hint: 'Run again: tags that are back already are left alone.',
}

/** Undoes the tags of a promotion, all or none: those that still point where its report says that it put them. */
export async function rollback(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter, registries, tagRegistries, signal } = services
  const tags = await reporter.step('Read the report', () => readTags(run))
  const found = await reporter.step('Look at the tags', () => planRollback(tags, registries))
  record.undone = undoneTags(found, undefined)
  tellFound(run, found)
  // From here on an interruption waits, as it does in a promotion.
  signal.throwIfAborted()
  const moves = found.flatMap(({ undo }) => undo ?? [])
  const outcome = await reporter.step('Put the tags back', () =>
    applyMoves(moves, { registries: tagRegistries, words: WORDS }),
  )
  record.undone = undoneTags(found, outcome)
  record.moved = outcome.made.map(({ repository, tag, to }) => ({
    repository,
    tag,
    action: to === undefined ? 'remove' : 'put back',
  }))
  if (outcome.error !== undefined) throw outcome.error
}

async function readTags({ settings, services }: Run): Promise<readonly PromotedTag[]> {
  const file = settings.undo ?? ''
  // Loaded when it is needed: no other command of one run reads what another one wrote.
  const { readReport } = await import('../report/read-report.ts')
  const report = await readReport(file, services.workingDirectory)
  const tags = promotedTags(report, file)
  const end = report.succeeded ? '' : `, and failed with ${count(report.errors.length, 'error')}`
  services.reporter.info(
    `The promotion of ${report.startedAt} left ${count(tags.length, 'tag')} on its images${end}`,
  )
  for (const place of layoutsIn(report))
    services.reporter.warn(`${place} is on disk: its tags are not undone`)
  return tags
}

function layoutsIn({ images }: ReportedRun): readonly string[] {
  const places = images.flatMap(({ targets }) => targets).filter((target) => !isInRegistry(target))
  return [...new Set(places.map(({ repository }) => repository))]
}

/** Whoever edits a report chooses where tags go: what is about to happen is said before it does. */
function tellFound({ services: { reporter } }: Run, found: readonly FoundTag[]): void {
  for (const { repository, tag, promoted, previous, now, undo } of found) {
    const name = formatReference({ repository, tag })
    if (undo !== undefined) reporter.info(`${nameOfMove(undo)}: ${promoted} → ${previous ?? 'to be removed'}`)
    else if (now === previous) reporter.info(`${name} is back already`)
    else
      reporter.warn(
        `${name} points at ${now ?? 'nothing'} now, and not at the promoted ${promoted}: it is left alone`,
      )
  }
}
