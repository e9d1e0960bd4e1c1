import type { TrustMaterial } from '@sigstore/verify'
import type { Digest } from '../oci/digest.ts'
import type { SignedDemand } from '../policy/policy.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import { judgeContent, predicateTypeOf } from './judge-content.ts'
import { judgeSigner } from './judge-signer.ts'
import { type Judgement, quote, refused } from './judgement.ts'
import { nameOfSigner } from './name-of-signer.ts'
import type { OpenSignature } from './open-signature.ts'

/** What signatures are judged by. */
export interface Question {
  readonly image: Digest
  readonly demand: SignedDemand
  readonly trust: TrustMaterial
}

/** Judges one signature or attestation for every signer of the demand from whom one like it is asked. */
export function judgeSignature(open: OpenSignature, { image, demand, trust }: Question): Judgement {
  const content = typeof open.signed === 'string' ? undefined : open.signed.content
  const predicateType = content && predicateTypeOf(content)
  const signers = askedSigners(demand, predicateType)
  if (signers.length === 0) return refused(unasked(demand, predicateType), { predicateType })
  const judged = signers.map((signer) => ({ signer, judgement: judgeSigner(open, signer, trust) }))
  const proven = judged.flatMap(({ signer, judgement }) =>
    'who' in judgement ? [{ signer, who: judgement.who }] : [],
  )
  const [first] = proven
  if (first === undefined || content === undefined) return refused(reasonsOf(judged), { predicateType })
  const { problem, ...said } = judgeContent(content, { ...demand, image })
  const stated = { ...said, predicateType }
  if (problem !== undefined) return refused(problem, stated)
  const by = proven.map(({ signer }) => signer)
  const { who } = first
  return { ...stated, counts: true, reason: `signed by ${withNames(who, by)}`, by, who }
}

/** Who has signed, with the names that the policy file gives. */
function withNames(who: string, by: readonly TrustedSigner[]): string {
  const names = by.flatMap(({ name }) => (name === undefined ? [] : [name]))
  return names.length === 0 ? who : `${names.join(', ')}: ${who}`
}

/** Those whose signature would count, or whose attestation of this type. */
function askedSigners(demand: SignedDemand, predicateType: string | undefined): readonly TrustedSigner[] {
  if (predicateType === undefined) return demand.signature?.signers ?? []
  const required = demand.attestations.filter((attestation) => attestation.predicateType === predicateType)
  return [...new Set(required.flatMap(({ by }) => by.signers))]
}

function unasked({ signature, attestations }: SignedDemand, predicateType: string | undefined): string {
  if (predicateType === undefined) return 'it is a signature, and the policy asks for attestations alone'
  const what = `it is an attestation (${quote(predicateType)}), not a signature`
  return attestations.length === 0 || signature === undefined
    ? what
    : `${what}, and the policy does not ask for this type`
}

/** Why it is by none of the signers, with the name of each where there are several and the reasons differ. */
function reasonsOf(
  judged: readonly { readonly signer: TrustedSigner; readonly judgement: ReturnType<typeof judgeSigner> }[],
): string {
  const problems = judged.flatMap(({ signer, judgement }) =>
    'problem' in judgement ? [{ name: nameOfSigner(signer), problem: judgement.problem }] : [],
  )
  const different = new Set(problems.map(({ problem }) => problem))
  if (different.size === 1) return [...different].join()
  return problems.map(({ name, problem }) => `for ${name}: ${problem}`).join('; ')
}
