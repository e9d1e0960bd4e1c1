import { PromotionError } from '../errors.ts'
import { cutText } from '../oci/cut-text.ts'
import { SIGNATURE_PREDICATE } from '../oci/signature-format.ts'

/** The short names that cosign's `--type` takes, with the predicate types that they stand for. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  slsaprovenance: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance02: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance1: 'https://slsa.dev/provenance/v1',
  link: 'https://in-toto.io/Link/v1',
  spdx: 'https://spdx.dev/Document',
  spdxjson: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  openvex: 'https://openvex.dev/ns',
  custom: 'https://cosign.sigstore.dev/attestation/v1',
}
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[!-~]+$/i

/**
 * The predicate type that an absolute URI or one of cosign's short names means (in-toto attestation framework, "Predicate"). Throws a
 * PromotionError of kind `input` for anything else, and for the type of cosign's signatures: those are no attestations.
 */
export function parsePredicateType(text: string): string {
  const type = Object.hasOwn(SHORT_NAMES, text) ? SHORT_NAMES[text] : text
  if (type === SIGNATURE_PREDICATE) {
    throw new PromotionError('input', `"${text}" is what signatures state, not an attestation`, {
      hint: 'Leave it out: signatures are demanded by who must have signed.',
    })
  }
  if (type !== undefined && ABSOLUTE_URI.test(type) && URL.canParse(type)) return type
  throw new PromotionError('input', `"${cutText(text)}" is no predicate type`, {
    hint: `Write an absolute URI, or one of ${Object.keys(SHORT_NAMES).join(', ')}.`,
  })
}
