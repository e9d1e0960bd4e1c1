/** One entry of a lock; `image` is written as it is given, right or wrong. */
export interface LockEntry {
  readonly image: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** The text of an ImagesLock as kbld and imgpkg write it. */
export function buildLock(entries: readonly LockEntry[]): string {
  const header = ['---', 'apiVersion: imgpkg.carvel.dev/v1alpha1']
  const images = entries.length === 0 ? ['images: []'] : ['images:', ...entries.flatMap(linesOf)]
  return [...header, ...images, 'kind: ImagesLock', ''].join('\n')
}

function linesOf({ image, annotations = {} }: LockEntry): readonly string[] {
  const notes = Object.entries(annotations).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`)
  return notes.length === 0 ? [`- image: ${image}`] : ['- annotations:', ...notes, `  image: ${image}`]
}
