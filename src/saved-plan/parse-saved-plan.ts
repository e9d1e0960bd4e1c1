import { PromotionError } from '../errors.ts'
import { readShape } from '../files/read-shape.ts'
import { cutText } from '../oci/cut-text.ts'
import { type Digest, digestOf } from '../oci/digest.ts'
import { locationsTag } from '../oci/imgpkg-tag.ts'
import { parsePinnedReference } from '../oci/reference.ts'
import { contentIn } from './format-saved-plan.ts'
import { PLAN_FILE, type SavedPlan } from './saved-plan.ts'

/** A saved plan that was read, and its digest. */
export interface ReadPlan {
  readonly plan: SavedPlan
  readonly digest: Digest
}

/**
 * Reads a saved plan. Throws a PromotionError of kind `input` for anything that is none, that was edited, or that is not the one that was
 * approved. `place` names it in messages.
 */
export function parseSavedPlan(text: string, place: string, approved: Digest | undefined): ReadPlan {
  const read = readShape(text, PLAN_FILE)
  if ('problem' in read) throw problem(place, `is not a saved plan: ${cutText(read.problem)}`)
  const { digest, plan } = read.value
  const content = contentIn(text, digest)
  if (content === undefined || digestOf(content) !== digest) {
    throw problem(place, `was changed after it was made: it does not have its digest ${digest} any more`)
  }
  if (approved !== undefined && approved !== digest) {
    throw problem(place, `has the digest ${digest}, and \`plan-digest\` says ${approved}`)
  }
  refuseWrongCut(plan, place)
  refuseWrongLocations(plan, place)
  return { plan, digest }
}

/** Every image is in one part: none is left out, and none is worked on twice. */
function refuseWrongCut({ images, shards }: SavedPlan, place: string): void {
  const places = shards.flat().toSorted((one, other) => one - other)
  if (places.length === images.length && places.every((at, index) => at === index)) return
  throw problem(place, 'does not have each of its images in exactly one of its parts')
}

/** imgpkg is told about bundles of the plan, where they go. */
function refuseWrongLocations({ images, locations }: SavedPlan, place: string): void {
  const places = new Set(
    images.flatMap(({ source, targets }) => {
      const tag = locationsTag(parsePinnedReference(source).digest)
      return targets.map(({ repository }) => `${repository}:${tag}`)
    }),
  )
  const wrong = locations.find(({ repository, tag }) => !places.has(`${repository}:${tag}`))
  if (wrong === undefined) return
  throw problem(
    place,
    `tells imgpkg about a bundle that it does not bring, at ${wrong.repository}:${wrong.tag}`,
  )
}

function problem(place: string, why: string): PromotionError {
  return new PromotionError('input', `${place} ${why}`, {
    hint: 'Make the plan anew with `plan-output`, and apply it as it is.',
  })
}
