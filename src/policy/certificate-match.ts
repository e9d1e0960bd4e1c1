import { PromotionError } from '../errors.ts'
import { exactly, expression, type TextMatch } from './text-match.ts'
import type { CertificateSigner, WorkflowClaims } from './trusted-signer.ts'

/** What a certificate must say for its signatures to count. */
export type CertificateMatch = Pick<CertificateSigner, 'identity' | 'issuer' | 'workflow'>

const IDENTITY = 'certificate-identity'
const ISSUER = 'certificate-oidc-issuer'
const WORKFLOW = 'certificate-github-workflow-'

/** The names under which inputs and policy files say it; they are those of cosign's flags. */
export const CERTIFICATE_FIELDS = [
  IDENTITY,
  `${IDENTITY}-regexp`,
  ISSUER,
  `${ISSUER}-regexp`,
  `${WORKFLOW}trigger`,
  `${WORKFLOW}sha`,
  `${WORKFLOW}name`,
  `${WORKFLOW}repository`,
  `${WORKFLOW}ref`,
] as const

/** One of these names. */
export type CertificateField = (typeof CERTIFICATE_FIELDS)[number]

/** Where the fields are written: in inputs, or in a policy file. */
export interface WrittenFields {
  /** The text of a field; undefined where nothing is written. */
  text(field: CertificateField): string | undefined
  /** Notes what is wrong with it, a PromotionError of kind `input`. */
  refuse(field: CertificateField, error: PromotionError): void
}

/**
 * Reads what a certificate must say: identity and issuer, each in full or as an expression, and if wanted claims of a GitHub workflow.
 * `undefined` after what is wrong was noted. Without any of both sides every certificate would do, so neither can be left out.
 */
export function readCertificateMatch(fields: WrittenFields): CertificateMatch | undefined {
  const identity = readMatch(fields, IDENTITY)
  const issuer = readMatch(fields, ISSUER)
  const [first] = CERTIFICATE_FIELDS.filter((field) => fields.text(field) !== undefined)
  if (first === undefined) return undefined
  requireOther(fields, first, IDENTITY, 'the URL of the workflow with its ref, or an e-mail address')
  requireOther(fields, first, ISSUER, 'such as https://token.actions.githubusercontent.com')
  return identity && issuer && { identity, issuer, workflow: readWorkflow(fields) }
}

function readMatch(fields: WrittenFields, field: typeof IDENTITY | typeof ISSUER): TextMatch | undefined {
  const asExpression = `${field}-regexp` as const
  const [exact, pattern] = [fields.text(field), fields.text(asExpression)]
  if (exact !== undefined && pattern !== undefined) {
    fields.refuse(
      asExpression,
      bad(`\`${field}\` and \`${asExpression}\` are both given`, 'Keep one of the two.'),
    )
  }
  if (pattern === undefined) return exact === undefined ? undefined : exactly(exact)
  try {
    return expression(pattern, `\`${asExpression}\``)
  } catch (error) {
    if (!(error instanceof PromotionError)) throw error
    fields.refuse(asExpression, error)
    return undefined
  }
}

function requireOther(
  fields: WrittenFields,
  given: CertificateField,
  wanted: typeof IDENTITY | typeof ISSUER,
  meaning: string,
): void {
  if (fields.text(wanted) !== undefined || fields.text(`${wanted}-regexp`) !== undefined) return
  fields.refuse(
    given,
    bad(`\`${given}\` is given without \`${wanted}\``, `Set \`${wanted}\` too: ${meaning}.`),
  )
}

function readWorkflow(fields: WrittenFields): WorkflowClaims {
  const claims = (['trigger', 'sha', 'name', 'repository', 'ref'] as const).flatMap((claim) => {
    const value = fields.text(`${WORKFLOW}${claim}`)
    return value === undefined ? [] : [[claim, value] as const]
  })
  return Object.fromEntries(claims)
}

function bad(message: string, hint: string): PromotionError {
  return new PromotionError('input', message, { hint })
}
