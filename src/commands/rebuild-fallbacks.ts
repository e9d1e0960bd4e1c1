import { errorsOf, type Settled, settleAll } from '../concurrency.ts'
import { rebuildFallback } from '../copy/rebuild-fallback.ts'
import type { PromotionError } from '../errors.ts'
import { describeFallback } from '../repair/describe-fallback.ts'
import { reportFallback } from '../repair/report-fallback.ts'
import type { ImageWithFallbacks } from './find-fallbacks.ts'
import type { Run } from './run.ts'
import { verifySources } from './verify-sources.ts'

const WRITES = 8

/** Writes the lists of referrers anew that were written over, once the policy is satisfied at the source; returns what kept it from it. */
export async function rebuildFallbacks(
  run: Run,
  images: readonly ImageWithFallbacks[],
): Promise<readonly PromotionError[]> {
  const { services, record } = run
  const { reporter, registries, signal } = services
  await reporter.step('Verify at the source', () => verifySources(run, images))
  const found = images.flatMap(({ fallbacks }) => fallbacks)
  return reporter.step('Rebuild lists of referrers', async () => {
    const settled = await settleAll(found, WRITES, (one) =>
      rebuildFallback(one, registries.target(one.repository), signal),
    )
    record.fallbackTags = found.map((one, index) => reportFallback(one, keptIn(settled[index])))
    for (const report of record.fallbackTags) {
      if (report.action === 'rebuilt') reporter.info(`Written anew: ${describeFallback(report)}`)
    }
    return errorsOf(settled, (index) => found[index]?.image.location)
  })
}

function keptIn(settled: Settled<boolean> | undefined): boolean | undefined {
  return settled !== undefined && 'value' in settled ? settled.value : undefined
}
