import { formatSummary } from '../src/report/summary.ts'
import type { Requirement } from './policy-judge.ts'
import { readReport } from './run-cli.ts'

/** What the summary of a run gives to users of podman, as it stands there. */
export interface PrintedPolicy {
  readonly summary: string
  /** The demands for repositories; none where no policy is printed. */
  readonly docker: Readonly<Record<string, readonly Requirement[]>>
  readonly registriesD: string
}

/** Reads it out of the summary of the run that wrote `report.json` in the folder. */
export async function readPrintedPolicy(folder: string): Promise<PrintedPolicy> {
  const summary = formatSummary(await readReport(folder))
  const [, podman = ''] = /<summary>Policy for podman(.*?)<\/details>/s.exec(summary) ?? []
  const [policy = '{}', registriesD = ''] = [...podman.matchAll(/^```\w+\n(.*?)\n```$/gms)].map(
    ([, body]) => body,
  )
  return { summary, docker: JSON.parse(policy).transports?.docker ?? {}, registriesD }
}
