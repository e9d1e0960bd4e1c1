import { formatReference, formatRepository } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Reporter } from '../report/reporter.ts'
import { count } from '../report/safe-text.ts'
import { tellWarnings } from './tell-warnings.ts'

/** Tells what was found on the images of a plan and is no part of them, and warns of each whose GPG signatures a target has no place for. */
export function tellPlan({ images }: Plan, reporter: Reporter): void {
  tellWarnings(images, reporter)
  for (const { image, targets } of images) {
    for (const { repository, atomic } of targets) {
      const number = atomic?.leftBehind.length ?? 0
      if (number === 0) continue
      reporter.warn(
        `${count(number, 'GPG signature')} of ${formatReference(image.reference)} left behind: ${formatRepository(repository)} has no place for them (no signatures extension)`,
        image.location,
      )
    }
  }
}
