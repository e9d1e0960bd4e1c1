import { digestOf } from '../../src/oci/digest.ts'
import type { ImageResult } from '../../src/report/run-result.ts'
import { imageResult, targetResult } from './run-result.ts'

/** What a run says of an image at a target: whose signature under the tag counts there, by the names that it was signed by. */
export function promotedImage(
  repository: string,
  signedNames: readonly string[],
  change: Partial<ImageResult> = {},
): ImageResult {
  const { digest } = imageResult()
  const signatures = signedNames.map((signedName) => ({
    form: 'tag' as const,
    manifest: digestOf('signatures'),
    counts: true,
    reason: 'signed by the key K',
    annotations: {},
    predicateType: undefined,
    signers: [],
    signedName,
  }))
  const target = targetResult({ repository, target: `${repository}@${digest}`, signatures })
  return imageResult({ targets: [target], ...change })
}
