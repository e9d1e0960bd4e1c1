import type { ServiceImage } from './service-images.ts'

/** The text of the one file that was given and names every image itself; undefined where there are others. */
export function onlyText(images: readonly ServiceImage[], files: readonly string[]): string | undefined {
  const [file, ...others] = files
  const [first] = images
  const isOnly = others.length === 0 && images.every(({ value }) => value.origin.file === file)
  return isOnly ? first?.value.origin.text : undefined
}
