import type { TextMatch } from '../policy/text-match.ts'
import type { TrustedSigner, WorkflowClaims } from '../policy/trusted-signer.ts'

/** One way to ask cosign whether a signature is by a signer. */
export interface CosignQuestion {
  readonly flags: readonly string[]
  /** Flags whose value is a file, with its text. */
  readonly files: Readonly<Record<string, string>>
  readonly needsTrustedRoot: boolean
  /** Whether a `.sig` or `.att` counts only with a timestamp: cosign looks at one there, and misses none. */
  readonly needsTimestamp: boolean
}

/** Which evidence cosign is told to look at. */
interface Evidence {
  readonly log: boolean
  readonly timestamp: boolean
}

const CLAIM_FLAGS: Readonly<Record<keyof WorkflowClaims, string>> = {
  trigger: 'certificate-github-workflow-trigger',
  sha: 'certificate-github-workflow-sha',
  name: 'certificate-github-workflow-name',
  repository: 'certificate-github-workflow-repository',
  ref: 'certificate-github-workflow-ref',
}

/** The ways to ask for a signer, any of which is enough, or none when cosign cannot be asked; never one in which a certificate is judged by the time of today. */
export function cosignQuestions(signer: TrustedSigner): readonly CosignQuestion[] {
  // An empty flag is none to cosign: it would ask for nothing.
  if (signer.by === 'certificate' && Object.values(signer.workflow).includes('')) return []
  const who = signer.by === 'key' ? [] : certificateFlags(signer)
  const files: Readonly<Record<string, string>> =
    signer.by === 'key' ? { key: signer.publicKey.export({ type: 'spki', format: 'pem' }).toString() } : {}
  return evidenceFor(signer).map(({ log, timestamp }) => ({
    flags: [
      ...who,
      // With what came with the signature; otherwise cosign asks the public log for an entry that a `.sig` lacks.
      log ? '--offline=true' : '--insecure-ignore-tlog=true',
      ...(timestamp ? ['--use-signed-timestamps=true'] : []),
    ],
    files,
    needsTrustedRoot: signer.by === 'certificate' || log || timestamp,
    needsTimestamp: timestamp,
  }))
}

/** A certificate needs a time, which a log of version 1 states as well as an authority; cosign wants to be told which. */
function evidenceFor({ by, transparency, timestamp }: TrustedSigner): readonly Evidence[] {
  const log = transparency === 'rekor'
  if (by === 'key' || timestamp === 'required') return [{ log, timestamp: timestamp === 'required' }]
  const stated = { log: true, timestamp: false }
  return log ? [stated, { log, timestamp: true }] : [{ log, timestamp: true }, stated]
}

function certificateFlags({ identity, issuer, workflow }: TrustedSigner & { readonly by: 'certificate' }) {
  const claims = Object.entries(CLAIM_FLAGS).flatMap(([claim, flag]) => {
    const value = Object.entries(workflow).find(([name]) => name === claim)?.[1]
    return value === undefined ? [] : [`--${flag}=${value}`]
  })
  return [textFlag('certificate-identity', identity), textFlag('certificate-oidc-issuer', issuer), ...claims]
}

/** cosign takes an expression that matches any part of the text: ours has to match the whole. */
function textFlag(name: string, { kind, text }: TextMatch): string {
  return kind === 'exact' ? `--${name}=${text}` : `--${name}-regexp=\\A(?:${text})\\z`
}
