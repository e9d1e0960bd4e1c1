import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import { clusterPolicies } from './cluster-policies.ts'
import { containersPolicy } from './containers-policy.ts'
import { isInRegistry } from './is-in-registry.ts'
import type { ImageResult, RunResult, TargetResult } from './run-result.ts'
import { count, printableJson } from './safe-text.ts'

/** Bytes of all of it: a summary has other things to say, and may have 1 MiB. */
const LIMIT = 200 * 1024

/**
 * What whoever pulls at the new location gives podman or a cluster, so that it accepts what was promoted and nothing else there: as Markdown
 * that is folded up, empty where it cannot be said in a few lines.
 */
export function consumerPolicies({ command, images, policy, plan }: RunResult): readonly string[] {
  if ((command !== 'promote' && command !== 'finish') || policy === null) return []
  // A part of them would pass for the whole.
  if (plan?.shard !== undefined) return []
  // Nobody pulls from a layout on disk by its name.
  const pulled = images.map((image) => ({ ...image, targets: image.targets.filter(isInRegistry) }))
  const places = pulled.flatMap(({ targets }) => targets)
  // Those tools read signatures under the tag.
  if (places.length === 0 || !places.every(isSignedByTag)) return []
  const repositories = [...new Set(places.map(({ repository }) => repository))]
  const lines = [...forPodman(pulled, policy), ...forClusters(repositories, policy)]
  return Buffer.byteLength(lines.join('\n')) > LIMIT ? [] : lines
}

function isSignedByTag({ signatures }: TargetResult): boolean {
  return signatures.some(
    ({ form, counts, predicateType }) => counts && form === 'tag' && predicateType === undefined,
  )
}

function forPodman(images: readonly ImageResult[], policy: PolicyInWords): readonly string[] {
  const fragment = containersPolicy(images, policy)
  if (fragment === undefined) return []
  if ('manyNames' in fragment) {
    return [
      `No policy for podman, CRI-O and skopeo: they demand one name of all signatures in a repository, and the images in \`${fragment.manyNames}\` were signed for different ones. Sign them for their place there: use \`sign-identity: target\`.`,
      '',
    ]
  }
  const places = Object.keys(fragment.transports.docker).flatMap((repository) => [
    `  ${repository}:`,
    '    use-sigstore-attachments: true',
  ])
  return folded('Policy for podman, CRI-O and skopeo', [
    'A part of `/etc/containers/policy.json`:',
    ...block('json', [printableJson(fragment)]),
    'A file in `/etc/containers/registries.d`:',
    ...block('yaml', ['docker:', ...places]),
    ...notAsked(policy, ['annotations', 'workflow', 'timestamp']),
    ...unsignedParts(images),
  ])
}

function forClusters(repositories: readonly string[], policy: PolicyInWords): readonly string[] {
  const policies = clusterPolicies(repositories, policy)
  if (policies === undefined) return []
  const { kyverno, policyController } = policies
  return [
    ...folded('Policy for Kyverno', [
      ...block('json', [printableJson(kyverno)]),
      ...notAsked(policy, ['workflow']),
    ]),
    ...folded('Policy for the Sigstore policy-controller', [
      ...block('json', [printableJson(policyController)]),
      ...notAsked(policy, ['annotations', 'workflow']),
    ]),
  ]
}

type Unsaid = 'annotations' | 'workflow' | 'timestamp'

/** What this run demanded and the policy cannot; attestations none of them does in a few lines. */
function notAsked(
  { requireAnnotations, requireAttestations = [], workflow, timestamp }: PolicyInWords,
  unsaid: readonly Unsaid[],
): readonly string[] {
  const demanded: Readonly<Record<Unsaid, boolean>> = {
    annotations: Object.keys(requireAnnotations).length > 0,
    workflow: workflow !== undefined,
    timestamp: timestamp !== undefined,
  }
  const words: Readonly<Record<Unsaid, string>> = {
    annotations: 'annotations',
    workflow: 'what a certificate says of the workflow',
    timestamp: 'timestamps',
  }
  const left = [
    ...unsaid.filter((what) => demanded[what]).map((what) => words[what]),
    ...(requireAttestations.length > 0 ? ['attestations'] : []),
  ]
  return left.length === 0 ? [] : [`This run also demanded ${left.join(' and ')}; the policy does not.`, '']
}

/** Of an index podman asks for the signature of the part that it pulls. */
function unsignedParts(images: readonly ImageResult[]): readonly string[] {
  const parts = new Set<string>()
  const signed = new Set<string>()
  for (const { subject, kind, digest } of images.flatMap(({ inventory }) => inventory)) {
    if (kind === 'child') parts.add(digest)
    if (kind === 'sig') signed.add(subject)
  }
  const unsigned = [...parts].filter((digest) => !signed.has(digest))
  if (unsigned.length === 0) return []
  const [have, their] = unsigned.length === 1 ? ['has', 'its'] : ['have', 'their']
  return [
    `⚠️ ${count(unsigned.length, 'image')} in an index ${have} no signature of ${their} own under the \`.sig\` tag. ` +
      'Podman, CRI-O and skopeo ask for that one, and refuse to pull without it: sign with `recursive`.',
    '',
  ]
}

function folded(title: string, lines: readonly string[]): readonly string[] {
  return ['<details>', `<summary>${title}</summary>`, '', ...lines, '</details>', '']
}

function block(language: string, lines: readonly string[]): readonly string[] {
  return ['', `\`\`\`${language}`, ...lines, '```', '']
}
