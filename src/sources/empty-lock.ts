import { PromotionError } from '../errors.ts'
import { parseYaml } from '../yaml/yaml.ts'

/** What to say about a well-formed ImagesLock without images when nothing else lists any: a PromotionError of kind `input`, at its place. */
export function emptyLock(text: string, file: string): PromotionError {
  const tree = parseYaml(text, file)
  const images = tree.kind === 'mapping' ? tree.entries.get('images') : undefined
  const why = images === undefined ? 'the key "images" is missing' : '"images" is empty'
  return new PromotionError('input', `There is no image to work on: ${why}`, {
    hint: 'Check how the lock was made, or name images in `images`.',
    location: images?.location ?? { file },
  })
}
