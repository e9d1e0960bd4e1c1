import { driftAt } from '../check/drift-at.ts'
import type { DriftEntry } from '../check/drift-entry.ts'
import { errorsOf, settleAll } from '../concurrency.ts'
import type { PromotionError } from '../errors.ts'
import { locationsTag } from '../oci/imgpkg-tag.ts'
import { planLocations } from '../plan/plan-locations.ts'
import type { Registries } from '../registry/repository.ts'
import { bundlesOf } from './bundles-of.ts'
import type { ImageList } from './read-images.ts'
import type { ComparedImage } from './see-images.ts'

const QUESTIONS = 32

/** Compares what imgpkg is told at the targets about the bundles of a list with where their images are. */
export async function checkLocations(
  list: ImageList,
  images: readonly ComparedImage[],
  registries: Registries,
): Promise<{ readonly drift: readonly DriftEntry[]; readonly errors: readonly PromotionError[] }> {
  const places = bundlesOf(list, images).flatMap(({ planned: { image, targets }, locations }) =>
    targets
      .filter(({ state }) => state.graph !== undefined)
      .map(({ repository }) => ({ image, repository, locations })),
  )
  const settled = await settleAll(places, QUESTIONS, ({ image, repository, locations }) =>
    planLocations([{ planned: { image, targets: [{ repository }] }, locations }], registries),
  )
  const drift = places.flatMap(({ image, repository }, index) => {
    const one = settled[index]
    const entry = driftAt(image, 'locations', {
      target: { repository, tag: locationsTag(image.reference.digest) },
      message: 'is not there: imgpkg does not find the images of the bundle where they are now',
      hint: 'Run `promote` with the same list.',
    })
    if (one === undefined || ('value' in one && one.value.length === 0)) return []
    if ('value' in one) return [entry]
    const { kind, message, hint = entry.hint } = one.error
    return kind === 'conflict' ? [{ ...entry, message, hint }] : []
  })
  const errors = errorsOf(settled, (index) => places[index]?.image.location)
  return { drift, errors: errors.filter(({ kind }) => kind !== 'conflict') }
}
