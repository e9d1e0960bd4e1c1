import type { Settings } from '../inputs/settings.ts'
import { originalName } from '../oci/layout-name.ts'
import { destinationOf } from '../plan/destination.ts'
import type { ListedImage } from '../sources/source.ts'

/** The images with the repositories that new signatures name, where these are those of the target. Throws as `destinationOf` does. */
export function nameForTarget(
  images: readonly ListedImage[],
  { signing, listSigning, to: [target] }: Pick<Settings, 'signing' | 'listSigning' | 'to'>,
): readonly ListedImage[] {
  const { signIdentity } = signing.by === 'nobody' ? (listSigning ?? {}) : signing
  if (signIdentity !== 'target' || target === undefined) return images
  return images.map((image) => {
    const { repository } = image.bundle?.root ?? image.reference
    return { ...image, signedName: originalName(destinationOf(target, repository)) }
  })
}
