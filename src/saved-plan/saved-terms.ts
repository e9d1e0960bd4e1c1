import { exactly, expression, type TextMatch } from '../policy/text-match.ts'
import type { ImageProof, ImageTerms } from '../sources/source.ts'
import type { SavedImage } from './saved-plan.ts'

type SavedTerms = NonNullable<SavedImage['terms']>
type SavedMatch = Pick<TextMatch, 'text' | 'kind'>

/** What a list says of an image, as plain data. */
export function saveTerms({ sign, verify }: ImageTerms): SavedTerms {
  return { ...(sign && { sign }), ...(verify && { verify: saveProof(verify) }) }
}

/** The same, as the list said it. */
export function restoreTerms({ sign, verify }: SavedTerms): ImageTerms {
  if (verify?.by !== 'certificate') return { ...(sign && { sign }), ...(verify && { verify }) }
  const { identity, issuer } = verify
  return {
    ...(sign && { sign }),
    verify: { by: 'certificate', identity: restoreMatch(identity), issuer: restoreMatch(issuer) },
  }
}

function saveProof(proof: ImageProof): NonNullable<SavedTerms['verify']> {
  if (proof.by !== 'certificate') return proof
  return { by: 'certificate', identity: saveMatch(proof.identity), issuer: saveMatch(proof.issuer) }
}

function saveMatch({ text, kind }: TextMatch): SavedMatch {
  return { text, kind }
}

function restoreMatch({ text, kind }: SavedMatch): TextMatch {
  return kind === 'exact' ? exactly(text) : expression(text, 'The saved plan')
}
