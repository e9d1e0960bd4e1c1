import type { TrustedRoot } from '@sigstore/protobuf-specs'
import type { SigstoreSettings } from '../inputs/settings.ts'
import { readGivenFile } from './read-given-file.ts'
import type { SigstoreTargets } from './tuf-targets.ts'

/** The target of Sigstore's TUF repositories. */
const TARGET = 'trusted_root.json'

/**
 * The trusted root of the run: from the file that was given, and then nothing is asked for over the network, or else published by the
 * Sigstore instance. Throws a PromotionError of kind `input` for one that cannot be used.
 */
export async function findTrustedRoot(
  { trustedRoot }: Pick<SigstoreSettings, 'trustedRoot'>,
  targets: () => Promise<SigstoreTargets>,
): Promise<TrustedRoot> {
  const text =
    trustedRoot === undefined
      ? await (await targets()).read(TARGET)
      : await readGivenFile(trustedRoot, 'The trusted root', 'trusted-root')
  // Loaded when it is needed, with all of Sigstore's formats behind it.
  const { parseTrustedRoot } = await import('./parse-trusted-root.ts')
  return parseTrustedRoot(text, trustedRoot ?? TARGET)
}
