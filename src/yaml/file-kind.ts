/** An input that names files of its own kind. */
export type FileInput = 'lock' | 'compose' | 'policy'

interface FileKind {
  readonly name: string
  readonly input: FileInput
  /** Lines that all stand at the beginning of a line of such a file. */
  readonly signs: readonly RegExp[]
}

const KINDS: readonly FileKind[] = [
  { name: 'a BundleLock', input: 'lock', signs: [/^kind:[ \t]*["']?BundleLock\b/m] },
  { name: 'an ImagesLock', input: 'lock', signs: [/^kind:[ \t]*["']?ImagesLock\b/m] },
  { name: 'a compose file', input: 'compose', signs: [/^(?:services|include):/m] },
  { name: 'a policy file', input: 'policy', signs: [/^version:/m, /^rules:/m] },
]

/** What a file of these seems to be, told by its first keys alone: it may be written in another dialect; undefined for any other file. */
export function fileKindOf(text: string): Pick<FileKind, 'name' | 'input'> | undefined {
  return KINDS.find(({ signs }) => signs.every((sign) => sign.test(text)))
}
