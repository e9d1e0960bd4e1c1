import { buildSignatures } from '../../__tests__/builders/build-attached.ts'
import { buildImage } from '../../__tests__/builders/build-image.ts'
import type { KeyPair } from '../../__tests__/builders/build-keys.ts'
import { randomBytes } from '../samples/random-bytes.ts'
import type { SampleImage } from '../samples/sample-image.ts'

const KIB = 1024
/** Bytes of the layers that the images of a family share: those of real bases, 32 times smaller. */
const BASE_LAYERS = [256 * KIB, 128 * KIB, 64 * KIB]
const OWN_LAYER = 8 * KIB
/** Images of one family. */
const FAMILY = 100

/** One image of the release, and the repository that its family has on every registry. */
export interface FamilyImage extends SampleImage {
  readonly repository: string
}

/** Signed images in families of a hundred that share three base layers, listed in such an order that families are mixed. */
export function buildFamilies(count: number, keys: KeyPair): readonly FamilyImage[] {
  const families = Math.ceil(count / FAMILY)
  const bases = Array.from({ length: families }, (_, family) =>
    BASE_LAYERS.map((size, layer) => randomBytes(`base ${family} ${layer}`, size)),
  )
  return Array.from({ length: count }, (_, number) => {
    const family = number % families
    const own = randomBytes(`image ${number}`, OWN_LAYER)
    const image = buildImage({ seed: `${number}`, layers: [...(bases[family] ?? []), own] })
    const attached = [buildSignatures(image.descriptor, [{ keys }])]
    return { tag: `v${number}`, image, attached, repository: `families/${family}` }
  })
}
