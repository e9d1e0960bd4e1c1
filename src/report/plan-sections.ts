import { hostFacts } from './host-facts.ts'
import { itemsOf } from './items-of.ts'
import type { RunResult } from './run-result.ts'
import { markdownCode, markdownText } from './safe-text.ts'

/** Registries that are shown: what more of them are asked for is in the report. */
export const MOST_HOSTS = 20

/** What a plan costs each registry, how it is cut, and how the saved one is applied: parts of a text in Markdown, one by one. */
export function planSections({
  hosts = [],
  cut,
  apply = [],
  plan,
}: RunResult): readonly (readonly string[])[] {
  const costs = hosts.map((host) => `${markdownCode(host.host)}: ${markdownText(hostFacts(host))}`)
  const saved =
    plan === null || cut === undefined
      ? []
      : [`Saved as ${markdownCode(plan.place)}, ${markdownCode(plan.digest)}.`, markdownText(cut.sentence)]
  return [
    costs.length === 0 ? [] : ['Applying it asks of the registries:', '', ...itemsOf(costs, MOST_HOSTS), ''],
    saved.length === 0 ? [] : [saved.join(' '), ''],
    apply.length === 0 ? [] : [howToApply(plan?.shards ?? 1), '', '```sh', ...apply, '```', ''],
  ]
}

/** What stands in front of the command lines. */
export function howToApply(parts: number): string {
  return parts === 1
    ? 'Apply exactly this:'
    : `Apply exactly this, in ${parts} parts of which the first is shown, and finish it:`
}
