import { PromotionError, throwAll } from '../errors.ts'
import { ORIGIN_TAG } from '../oci/origin-tag.ts'
import type { Plan } from '../plan/plan.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { ListedReference } from '../sources/source.ts'
import { placesAt } from './places-at.ts'
import type { Run } from './run.ts'

/**
 * Throws a PromotionError of kind `input` for each entry of a list that could not be named in `lock-output`: it goes by tags, and the image
 * gets none, so that whoever reads it next would not find the image, or another one.
 */
export function requireLockTags({ settings }: Run, plan: Plan, list: LoadedList): void {
  const { document } = list
  if (settings.lockOutput === undefined || !document.needsTags) return
  const places = settings.to.map((_, index) => placesAt(plan, list, index))
  const isUnnamed = (listed: ListedReference) =>
    (listed.isTagLost || listed.originTags.length > 0) &&
    places.some((placeOf) => placeOf(listed).tag === undefined)
  // Platforms of one entry share its place.
  const unnamed = new Map(document.listed.filter(isUnnamed).map((listed) => [listed.location, listed]))
  throwAll([...unnamed.values()].map(unnamedEntry))
}

function unnamedEntry({ written, isTagLost, location }: ListedReference): PromotionError {
  const message = `\`lock-output\` of an Images.lock names images by tag, and this run gives "${written}" none`
  const error = isTagLost
    ? new PromotionError(
        'input',
        `${message}, because the tag is gone at the source or means another image`,
        {
          hint: 'Push the image under its tag again, or make the lock anew with "dt images lock", or leave `lock-output` out.',
        },
      )
    : new PromotionError('input', message, { hint: `Write tags: '${ORIGIN_TAG}'.` })
  return error.locatedAt(location)
}
