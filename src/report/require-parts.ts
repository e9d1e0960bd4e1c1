import { PromotionError, throwAll } from '../errors.ts'
import { partApplied, partsOfPlan } from './parts-of-plan.ts'
import type { ReportedRun } from './reported-run.ts'
import type { SavedPlanNote } from './run-result.ts'

/** A report, and the name by which messages call it. */
export interface NamedReport {
  readonly name: string
  readonly run: ReportedRun
}

/**
 * The reports of all parts of a plan, one each: of a part that was applied again the last one that succeeded. Throws a PromotionError for each
 * part without one: of kind `incomplete` where it is missing or has failed, and of kind `input` for what is not a report of a part of this plan.
 */
export function requireParts(
  reports: readonly NamedReport[],
  { digest, shards }: SavedPlanNote,
): readonly ReportedRun[] {
  const problems: PromotionError[] = []
  const byPart = new Map<string, NamedReport[]>()
  for (const report of reports) {
    const part = partApplied(report.run, digest)
    if (part === undefined) problems.push(foreign(report, digest))
    else byPart.set(part, [...(byPart.get(part) ?? []), report])
  }
  const chosen = partsOfPlan(shards).flatMap((part) => {
    const found = (byPart.get(part) ?? []).toSorted(lastFirst)
    const [last] = found.filter(({ run }) => run.succeeded)
    if (last === undefined) problems.push(found[0] === undefined ? missing(part) : failed(part, found[0]))
    return last === undefined ? [] : [last.run]
  })
  throwAll(problems)
  return chosen
}

function lastFirst(one: NamedReport, other: NamedReport): number {
  return Date.parse(other.run.finishedAt) - Date.parse(one.run.finishedAt)
}

function foreign({ name, run: { command, plan } }: NamedReport, digest: string): PromotionError {
  const what =
    plan === null || plan.digest === digest
      ? `a run of ${command} that applied no part of a plan`
      : `a part of another plan, ${plan.digest}`
  return new PromotionError('input', `${name} is the report of ${what}`, {
    hint: `Give the reports of the parts of the plan ${digest}, and no others.`,
  })
}

function missing(part: string): PromotionError {
  return new PromotionError('incomplete', `There is no report of part ${part} of the plan`, {
    hint: `No tag was moved. Apply it with \`shard: ${part}\`, or apply it again if its job ended without a report.`,
  })
}

function failed(part: string, { name, run: { errors } }: NamedReport): PromotionError {
  const why = errors[0] === undefined ? '' : `: ${errors[0].message}`
  return new PromotionError('incomplete', `Part ${part} of the plan has failed, as ${name} says${why}`, {
    hint: `No tag was moved. Mend that, run the part again with \`shard: ${part}\`, and then finish.`,
  })
}
