import type { SignatureFormat } from '../inputs/settings.ts'
import type { SignatureForm } from '../verify/verifier.ts'

const FORMS: Readonly<Record<SignatureFormat, readonly SignatureForm[]>> = {
  bundle: ['bundle'],
  tag: ['tag'],
  both: ['bundle', 'tag'],
}

/** The forms in which a run writes its signatures. */
export function formsOf(format: SignatureFormat): readonly SignatureForm[] {
  return FORMS[format]
}
