import type { CosignCommand } from '../cosign/cosign-program.ts'
import type { CosignOutcome } from '../cosign/run-cosign.ts'
import { PromotionError } from '../errors.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'
import { SIGNATURE_PREDICATE } from '../oci/signature-format.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import { type CosignQuestion, cosignQuestions } from './cosign-questions.ts'
import type { FoundSignature } from './found-signature.ts'

/** What a verifier needs to ask the cosign binary. */
export interface CosignVerifierOptions {
  /** Runs one command, however it ends. */
  readonly run: (command: CosignCommand) => Promise<CosignOutcome>
  /** The text of a trusted root: with it in a file, cosign fetches none. */
  readonly trustedRoot: () => Promise<string>
}

/** Whose signatures, or attestations of a type, cosign is to look for in one of the places. */
export interface CosignAsk {
  readonly place: FoundSignature['place']
  readonly signer: TrustedSigner
  /** Undefined for signatures of the image itself. */
  readonly predicateType: string | undefined
}

/** What cosign printed of all that it accepted, question by question, and its last words where it accepted nothing. */
export interface CosignAnswer extends CosignAsk {
  readonly accepted: readonly { readonly question: CosignQuestion; readonly stdout: string }[]
  readonly words: string
}

/** Ends in which cosign says that nothing counts: of `.sig` tags it has its own, of bundles and attestations 1 as for every failure. */
const NOTHING_COUNTS: readonly (number | undefined)[] = [1, 10, 11, 12, 13]

/**
 * Asks cosign, in each way in which a signature of the signer may be proven. Sigstore bundles are asked for as attestations of the predicate by
 * which cosign signs: `cosign verify` would take any attestation for a signature. Throws a PromotionError of kind `verification` when cosign
 * ends as no verification does.
 */
export async function askCosign(
  ask: CosignAsk,
  image: PinnedReference,
  { run, trustedRoot }: CosignVerifierOptions,
): Promise<CosignAnswer> {
  const { place, signer, predicateType = SIGNATURE_PREDICATE } = ask
  const [name, output] =
    place === 'sig'
      ? (['verify', '--output=json'] as const)
      : (['verify-attestation', `--type=${predicateType}`] as const)
  const answers = cosignQuestions(signer).map(async (question) => {
    const root = question.needsTrustedRoot ? { 'trusted-root': await trustedRoot() } : {}
    const outcome = await run({
      name,
      // Said in both cases: a Sigstore bundle, be it a foreign one, otherwise hides what is under the tags.
      flags: [`--new-bundle-format=${place === 'referrer'}`, ...question.flags, output],
      files: { ...question.files, ...root },
      image: formatReference(image),
      repository: image.repository,
    })
    if (outcome.exitCode !== 0 && !NOTHING_COUNTS.includes(outcome.exitCode)) {
      throw notVerified(name, image, outcome)
    }
    return { question, outcome }
  })
  const settled = await Promise.all(answers)
  const accepted = settled.filter(({ outcome }) => outcome.exitCode === 0)
  const refused = settled.filter(({ outcome }) => outcome.exitCode !== 0)
  return {
    ...ask,
    accepted: accepted.map(({ question, outcome }) => ({ question, stdout: outcome.stdout })),
    words: [...new Set(refused.map(({ outcome }) => outcome.words))].join('; '),
  }
}

function notVerified(
  name: string,
  image: PinnedReference,
  { exitCode, words }: CosignOutcome,
): PromotionError {
  const end =
    exitCode === undefined ? 'was ended by a signal, or crashed' : `ended with exit code ${exitCode}`
  return new PromotionError('verification', `${formatReference(image)}: cosign ${name} ${end}: ${words}`, {
    hint: 'That is no verdict: run again, or use `verifier: native`.',
  })
}
