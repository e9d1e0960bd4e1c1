import { PromotionError } from '../errors.ts'
import { describeFallback } from '../repair/describe-fallback.ts'
import { reportFallback } from '../repair/report-fallback.ts'
import type { ImageWithFallbacks } from './find-fallbacks.ts'
import type { Run } from './run.ts'

/** Says what stands under fallback tags where lists of referrers belong, and leaves it there; what hides referrers is an error. */
export function reportFallbacks(
  { services, record }: Run,
  images: readonly ImageWithFallbacks[],
): readonly PromotionError[] {
  const found = images.flatMap(({ fallbacks }) => fallbacks)
  const reports = found.map((one) => reportFallback(one))
  record.fallbackTags = reports
  return reports.flatMap((report, index) => {
    const location = found[index]?.image.location
    if (report.found === 'false entries') {
      services.reporter.warn(
        `${describeFallback(report)}: \`rebuild-fallback\` leaves them out, without which some registries let nothing be added`,
        location,
      )
      return []
    }
    const hint =
      'Find out what wrote it; then run repair with `rebuild-fallback: true`, which writes the list anew.'
    return [new PromotionError('conflict', describeFallback(report), { hint }).locatedAt(location)]
  })
}
