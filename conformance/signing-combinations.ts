import type { SigningChoice } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import type { SignatureForm } from '../src/verify/verifier.ts'

/** One way of making a signature. */
export interface SigningCombination {
  readonly name: string
  readonly credential: CredentialName
  readonly form: SignatureForm
  /** The services that are used, of a private Sigstore. */
  readonly services: SigningChoice
  /** What the error says where no signature can be made that verifies. */
  readonly forbidden: RegExp | undefined
  /** What `cosign verify` has to be told besides who signed. */
  readonly cosign: readonly string[]
}

export type CredentialName = (typeof CREDENTIALS)[number]

const CREDENTIALS = ['ec', 'rsa', 'keyless'] as const
const FORMS: readonly SignatureForm[] = ['bundle', 'tag']
const WITNESSES: Readonly<Record<string, SigningChoice>> = {
  'no witness': {},
  'Rekor v1': { rekor: 1 },
  'Rekor v2': { rekor: 2 },
  'a timestamp': { timestamp: true },
  'Rekor v1 and a timestamp': { rekor: 1, timestamp: true },
  'Rekor v2 and a timestamp': { rekor: 2, timestamp: true },
}

/** Every key or certificate in every form with every witness. */
export const SIGNING_COMBINATIONS: readonly SigningCombination[] = CREDENTIALS.flatMap((credential) =>
  FORMS.flatMap((form) =>
    Object.entries(WITNESSES).map(([witness, services]) => ({
      name: `${credential}, ${form}, ${witness}`,
      credential,
      form,
      services,
      forbidden: whyForbidden(credential, form, services),
      cosign: demandsOf(form, services),
    })),
  ),
)

/** A certificate lives for minutes, so that something has to say when it was used; what stands under a tag holds entries of Rekor v1 alone. */
function whyForbidden(
  credential: CredentialName,
  form: SignatureForm,
  { rekor, timestamp }: SigningChoice,
): RegExp | undefined {
  if (credential === 'keyless') {
    return rekor === 1 || timestamp ? undefined : /keyless signature .*needs a proof of its time/i
  }
  return form === 'tag' && rekor === 2 ? /cannot hold an entry of Rekor's version 2/ : undefined
}

function demandsOf(form: SignatureForm, { rekor, timestamp }: SigningChoice) {
  const isLogged = rekor === 1 || (rekor === 2 && form === 'bundle')
  return [
    `--new-bundle-format=${form === 'bundle'}`,
    ...(isLogged ? [] : ['--insecure-ignore-tlog']),
    ...(timestamp ? ['--use-signed-timestamps'] : []),
  ]
}
