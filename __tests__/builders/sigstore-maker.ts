import type { KeyObject } from 'node:crypto'
import type { ServiceHttp } from '../../src/sign/ask-service.ts'
import type { CredentialSource } from '../../src/sign/credential.ts'
import { FulcioCredential } from '../../src/sign/fulcio-credential.ts'
import { identityToken } from '../../src/sign/identity-token.ts'
import { KeyCredential } from '../../src/sign/key-credential.ts'
import { SignatureMaker } from '../../src/sign/signature-maker.ts'
import { planWitnesses } from '../../src/sign/witness-plan.ts'
import { parseSigningConfig } from '../../src/sigstore/parse-signing-config.ts'
import type { SigningServices } from '../../src/sigstore/signing-services.ts'
import type { SignatureForm } from '../../src/verify/verifier.ts'
import type { PrivateSigstore, SigningChoice } from '../fakes/sigstore/private-sigstore.ts'

/** How signatures are made with a private Sigstore. */
export interface SigstoreChoice extends SigningChoice {
  /** Without a private key it is keyless, with the tokens of a job. */
  readonly key?: KeyObject
  readonly forms?: readonly SignatureForm[]
}

/** Makes signatures with these services of a private Sigstore. Throws what the program throws for a choice that no signature can carry. */
export function sigstoreMaker(
  sigstore: PrivateSigstore,
  http: ServiceHttp,
  { key, forms = ['bundle', 'tag'], ...choice }: SigstoreChoice,
): SignatureMaker {
  const services = servicesOf(sigstore, choice)
  const intent = {
    by: key === undefined ? 'keyless' : 'key',
    transparency: transparencyOf(key, choice),
    forms,
  } as const
  const plan = planWitnesses(intent, services)
  const credentials = key === undefined ? jobCredential(sigstore, http) : new KeyCredential(key)
  return new SignatureMaker(credentials, { plan, http })
}

/** What the inputs make of it when nothing is said: a certificate is logged where its form can hold that. */
function transparencyOf(key: KeyObject | undefined, { rekor }: SigningChoice) {
  if (rekor === undefined) return 'none'
  return key === undefined ? 'where possible' : 'rekor'
}

/** The services of a private Sigstore, as a signing config names them. */
export function servicesOf(sigstore: PrivateSigstore, choice: SigningChoice): SigningServices {
  return parseSigningConfig(sigstore.signingConfig(choice), 'signing_config.json', new Date())
}

/** Certificates of a private Sigstore for whoever its tokens name. */
export function jobCredential(sigstore: PrivateSigstore, http: ServiceHttp): CredentialSource {
  return new FulcioCredential({
    isBoundToRun: true,
    fulcio: new URL(sigstore.fulcioUrl),
    http,
    token: () =>
      identityToken({
        given: undefined,
        environment: jobEnvironment(sigstore),
        getToken: () => askForToken(sigstore),
        onSecret: (secret) => http.secrets.add(secret),
        redact: (text) => http.secrets.redact(text),
      }),
  })
}

/** What a runner gives to a job that may have an identity token. */
export function jobEnvironment({ actionsRequest: { url, token } }: PrivateSigstore): Record<string, string> {
  return {
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
  }
}

/** As @actions/core asks, which reads the process's own environment. */
async function askForToken({ actionsRequest: { url, token } }: PrivateSigstore): Promise<string> {
  const response = await fetch(`${url}&audience=sigstore`, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  if (!response.ok) throw new Error(`Error message: Failed to get ID Token.\n Error Message: ${text}`)
  return (JSON.parse(text) as { readonly value: string }).value
}
