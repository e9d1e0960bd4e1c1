import type { SignatureVerdict, Verdict } from './verifier.ts'

/** What to write behind the name of an image that does not satisfy the policy: what is lacking, and why each signature does not count. */
export function describeRefusal(verdict: Verdict | undefined): string {
  const { signatures = [], lacking = [] } = verdict ?? {}
  const found = signatures.length === 0 ? ['it has no signature'] : reasonsOf(signatures)
  const missing = lacking.length === 0 ? [] : [`there is ${lacking.join(', ')}`]
  return `does not satisfy the policy: ${[...missing, ...found].join('; ')}`
}

/** Why those that do not count do not, each reason once. */
function reasonsOf(signatures: readonly SignatureVerdict[]): readonly string[] {
  const times = new Map<string, number>()
  for (const one of signatures) {
    const reason = `${placeOf(one)}: ${one.reason}`
    if (!one.counts) times.set(reason, (times.get(reason) ?? 0) + 1)
  }
  return [...times].map(([reason, number]) => (number === 1 ? reason : `${reason} (${number} of them)`))
}

function placeOf({ form, predicateType }: SignatureVerdict): string {
  if (form === 'bundle') return 'Sigstore bundle'
  return predicateType === undefined ? '.sig' : '.att'
}
