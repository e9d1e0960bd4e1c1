import { formatReference, formatRepository } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Reporter } from '../report/reporter.ts'

/** Warns of each image whose GPG signatures a target has no place for. */
export function tellNotCarried({ images }: Plan, reporter: Reporter): void {
  for (const { image, targets } of images) {
    for (const { repository, atomic } of targets) {
      const number = atomic?.leftBehind.length ?? 0
      if (number === 0) continue
      const what = number === 1 ? '1 GPG signature' : `${number} GPG signatures`
      reporter.warn(
        `${what} of ${formatReference(image.reference)} left behind: ${formatRepository(repository)} has no place for them (no signatures extension)`,
        image.location,
      )
    }
  }
}
