import type { ImageResult } from './run-result.ts'

/** Who satisfied which rule of the policy for an image, in a few words; the text is not escaped. */
export function whoSatisfied({ rule, satisfied, toSign = [], signatures }: ImageResult): string {
  const counting = signatures.filter(({ counts }) => counts)
  const names = counting.map(({ signers, predicateType }) =>
    predicateType === undefined
      ? signers.join(' and ')
      : `${signers.join(' and ')}, attesting ${predicateType}`,
  )
  const words = [
    ...new Set(names),
    ...(toSign.length > 0 ? [`to be signed first (${toSign.join(', ')})`] : []),
  ]
  const who = words.length > 0 ? words.join('; ') : withoutSigners(satisfied)
  return rule === undefined || rule === '' ? who : `${who} (${rule})`
}

function withoutSigners(satisfied: boolean | undefined): string {
  if (satisfied === undefined) return 'not judged'
  return satisfied ? 'nobody has to sign' : 'not satisfied'
}
