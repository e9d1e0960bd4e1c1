import type { RunResult } from './run-result.ts'

/** The action's outputs, each as the text that the runner is given. */
export function formatOutputs({ images, totals, files }: RunResult): Readonly<Record<string, string>> {
  const [only, ...others] = images
  return {
    lock: files.locks.join('\n'),
    report: files.report ?? '',
    images: JSON.stringify(
      images.map(({ source, digest, targets, signatures }) => ({
        source,
        digest,
        targets: targets.map(({ target }) => target),
        signatures: signatures
          .filter(({ counts }) => counts)
          .map(({ form, manifest }) => ({ form, manifest })),
      })),
    ),
    digest: only !== undefined && others.length === 0 ? only.digest : '',
    copied: String(totals.copied),
    present: String(totals.present),
    signed: String(totals.signed),
    verified: String(totals.verified),
    bytes: String(totals.bytes),
  }
}
