import type { MatchInWords, PolicyInWords } from '../inputs/policy-in-words.ts'
import { isInRegistry } from './is-in-registry.ts'
import type { RunResult } from './run-result.ts'
import { shellWord } from './shell-word.ts'

/**
 * How whoever uses the first image checks it at each target, as Markdown; empty where there is nothing to check it by, and where a policy
 * file or the list says by what, which differs from image to image.
 */
export function howToVerify({ command, images, policy }: RunResult): readonly string[] {
  const places = (images[0]?.targets ?? []).filter(isInRegistry).map(({ target }) => target)
  if ((command !== 'promote' && command !== 'finish') || policy === null || places.length === 0) return []
  if (!['key', 'certificate'].includes(policy.by)) return []
  const { mirror, root } = policy.tuf ?? {}
  const trust =
    mirror === undefined || root === undefined
      ? []
      : [`cosign initialize --mirror ${shellWord(mirror)} --root ${shellWord(root)}`]
  const commands = places.flatMap((place) => commandsFor(place, policy))
  return ['Check it yourself:', '', '```sh', ...trust, ...commands, '```', '']
}

function commandsFor(place: string, policy: PolicyInWords): readonly string[] {
  const { requireAnnotations, requireAttestations = [] } = policy
  const by = signerFlags(policy)
  const annotations = Object.entries(requireAnnotations).map(
    ([name, value]) => `-a ${shellWord(`${name}=${value}`)}`,
  )
  return [
    ['cosign verify', ...by, ...annotations, shellWord(place)].join(' '),
    ...requireAttestations.map((type) =>
      ['cosign verify-attestation --type', shellWord(type), ...by, shellWord(place)].join(' '),
    ),
  ]
}

function signerFlags({
  by,
  key,
  identity,
  issuer,
  workflow = {},
  transparency,
  timestamp,
  trustedRoot,
}: PolicyInWords) {
  const root = trustedRoot === undefined ? [] : [`--trusted-root ${shellWord(trustedRoot)}`]
  const who =
    by === 'key'
      ? [`--key ${shellWord(key ?? 'cosign.pub')}`]
      : [matchFlag('--certificate-identity', identity), matchFlag('--certificate-oidc-issuer', issuer)]
  const claims = Object.entries(workflow).map(
    ([claim, value]) => `--certificate-github-workflow-${claim} ${shellWord(value)}`,
  )
  return [
    ...who,
    ...claims,
    // What the policy does not ask for, cosign must not either.
    ...(transparency === 'rekor' ? [] : ['--insecure-ignore-tlog=true']),
    ...(timestamp === 'required' ? ['--use-signed-timestamps'] : []),
    ...root,
  ]
}

function matchFlag(flag: string, match: MatchInWords | undefined): string {
  if (match?.kind !== 'expression') return `${flag} ${shellWord(match?.text ?? '')}`
  // cosign looks for the expression anywhere in the text.
  return `${flag}-regexp ${shellWord(`^(?:${match.text})$`)}`
}
