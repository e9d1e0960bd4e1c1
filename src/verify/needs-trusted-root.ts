import type { SignedDemand } from '../policy/policy.ts'

/** Whether some signer cannot be judged by a key alone, but takes what a trusted root says of certificates, logs and timestamps. */
export function needsTrustedRoot({ signature, attestations }: SignedDemand): boolean {
  const signers = [signature, ...attestations.map(({ by }) => by)].flatMap((choice) => choice?.signers ?? [])
  return signers.some(
    ({ by, transparency, timestamp }) =>
      by === 'certificate' || transparency === 'rekor' || timestamp === 'required',
  )
}
