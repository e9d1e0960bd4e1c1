import type { MatchInWords, PolicyInWords } from '../inputs/policy-in-words.ts'

/** What a cluster is given to admit only what satisfies the policy, as manifests that `kubectl apply` takes. */
export interface ClusterPolicies {
  readonly kyverno: object
  readonly policyController: object
}

type Witness = 'public log' | 'none'

const NAME = 'promoted-images'
const LOG = 'https://rekor.sigstore.dev'
const FULCIO = 'https://fulcio.sigstore.dev'

/**
 * Policies for signatures under the `.sig` tag in these repositories. Undefined for what only a Sigstore of one's own or a timestamp proves,
 * and for a key that is not known: neither can be said in a few lines.
 */
export function clusterPolicies(
  repositories: readonly string[],
  policy: PolicyInWords,
): ClusterPolicies | undefined {
  const { by, publicKey, trustedRoot, tuf, timestamp, transparency, identity, issuer } = policy
  if (trustedRoot !== undefined || tuf !== undefined || timestamp !== undefined) return undefined
  const witness = transparency === 'rekor' ? 'public log' : 'none'
  if (by === 'key' && publicKey !== undefined) return forKey(repositories, policy, publicKey, witness)
  if (witness === 'none' || identity === undefined || issuer === undefined) return undefined
  return forCertificate(repositories, policy, {
    ...inFields('subject', identity),
    ...inFields('issuer', issuer),
  })
}

function forKey(
  repositories: readonly string[],
  policy: PolicyInWords,
  publicKey: string,
  witness: Witness,
): ClusterPolicies {
  const rekor = witness === 'none' ? { ignoreTlog: true } : { url: LOG }
  const keys = { publicKeys: publicKey, rekor, ctlog: { ignoreSCT: true } }
  // Without a URL the log is not asked for.
  const ctlog = witness === 'none' ? {} : { url: LOG }
  return {
    kyverno: kyverno(repositories, policy, { keys }),
    policyController: policyController(repositories, { key: { data: publicKey }, ctlog }),
  }
}

function forCertificate(
  repositories: readonly string[],
  policy: PolicyInWords,
  identity: Readonly<Record<string, string>>,
): ClusterPolicies {
  return {
    kyverno: kyverno(repositories, policy, { keyless: { ...identity, rekor: { url: LOG } } }),
    policyController: policyController(repositories, {
      keyless: { url: FULCIO, identities: [identity] },
      ctlog: { url: LOG },
    }),
  }
}

/** Expressions are looked for anywhere in the text there. */
function inFields(field: 'subject' | 'issuer', { kind, text }: MatchInWords) {
  return kind === 'exact' ? { [field]: text } : { [`${field}RegExp`]: `^(?:${text})$` }
}

function kyverno(
  repositories: readonly string[],
  { requireAnnotations }: PolicyInWords,
  signer: object,
): object {
  const annotations = Object.keys(requireAnnotations).length > 0 && { annotations: requireAnnotations }
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: NAME },
    spec: {
      rules: [
        {
          name: 'signed',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [
            {
              imageReferences: patterns(repositories),
              failureAction: 'Enforce',
              attestors: [{ entries: [{ ...signer, ...annotations }] }],
            },
          ],
        },
      ],
    },
  }
}

function policyController(repositories: readonly string[], authority: object): object {
  return {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: NAME },
    spec: {
      images: patterns(repositories).map((glob) => ({ glob })),
      authorities: [{ name: 'signer', ...authority }],
    },
  }
}

/** By tag and by digest, and no other repository whose name begins alike. */
function patterns(repositories: readonly string[]): readonly string[] {
  return repositories.flatMap((repository) => [`${repository}:*`, `${repository}@*`])
}
