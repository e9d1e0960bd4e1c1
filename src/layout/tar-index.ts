import type { FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { type ExtractEvents, extract } from 'tar-stream'
import type { PromotionError } from '../errors.ts'
import { brokenLayout, unusableLayout } from './layout-error.ts'

/** Where the bytes of a file lie in an archive. */
export interface TarMember {
  readonly offset: number
  readonly size: number
}

/** The files of an archive by their names, and the names of what is neither a file nor a folder in it. */
export interface TarIndex {
  readonly files: ReadonlyMap<string, TarMember>
  readonly others: readonly string[]
}

type Header = ExtractEvents['entry'][0]

/** A header as it was found, and where the content behind it begins. */
interface FoundHeader {
  readonly header: Header
  readonly offset: number
}

const BLOCK = 512
/** Bytes that the headers of one member can take, those of pax and of long names included. */
const LONGEST_HEADER = 64 * 1024
const MOST_MEMBERS = 1_000_000
const PACK_AGAIN = 'Pack the layout again, from inside its folder: tar -cf release.tar .'

/**
 * Finds the files of an uncompressed tar archive (POSIX ustar and pax, GNU's long names) by reading its headers and none of their contents.
 * Throws a PromotionError of kind `input` for what is no such archive or has a name twice or outside itself, and of kind `incomplete` for
 * one that breaks off.
 */
export async function indexTar(file: FileHandle, path: string): Promise<TarIndex> {
  const index = { files: new Map<string, TarMember>(), others: [] as string[] }
  const { size: end } = await file.stat()
  const window = new Window(file)
  for (let position = 0; ; ) {
    const bytes = await window.at(position)
    if (position === 0 && isGzip(bytes)) throw compressed(path)
    if (bytes.byteLength < BLOCK) throw breaksOff(path, position)
    if (bytes.subarray(0, BLOCK).every((byte) => byte === 0)) return index
    const { header, offset } = await readHeader(bytes, position, path)
    const size = header.type === 'directory' ? 0 : header.size
    if (offset + size > end) throw breaksOff(path, end)
    addMember(header, { offset, size }, index, path)
    position = offset + Math.ceil(size / BLOCK) * BLOCK
  }
}

function addMember(
  header: Header,
  member: TarMember,
  { files, others }: { readonly files: Map<string, TarMember>; readonly others: string[] },
  path: string,
): void {
  const name = nameOf(header, path)
  const { type } = header
  if (type === null || hasSparse(header.pax))
    throw refused(path, `holds ${name}, which is sparse or of an unknown type`)
  if (files.has(name)) throw refused(path, `holds ${name} twice`)
  if (type === 'file' || type === 'contiguous-file') files.set(name, member)
  else if (type !== 'directory') others.push(name)
  if (files.size + others.length > MOST_MEMBERS) throw refused(path, `holds more than ${MOST_MEMBERS} files`)
}

/** Reads ahead: the headers of small files lie close together. */
class Window {
  readonly #file: FileHandle
  #start = 0
  #bytes: Uint8Array = new Uint8Array()

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** At least the bytes of a header from there on, fewer only at the end of the file. */
  async at(position: number): Promise<Uint8Array> {
    const known = this.#bytes.subarray(Math.max(0, position - this.#start))
    if (position >= this.#start && known.byteLength >= LONGEST_HEADER) return known
    const wanted = 2 * LONGEST_HEADER
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(wanted), 0, wanted, position)
    this.#start = position
    this.#bytes = buffer.subarray(0, bytesRead)
    return this.#bytes
  }
}

/** Reads one header with all that extends it; the library is shown the bytes from there on, and stopped where the content begins. */
function readHeader(bytes: Uint8Array, position: number, path: string): Promise<FoundHeader> {
  return new Promise((resolve, reject) => {
    const reading = extract()
    const fail = (cause?: unknown) => reject(unreadable(position, path, cause))
    reading.on('entry', (header, stream) => {
      stream.on('error', () => {})
      resolve({ header, offset: position + stream.offset + BLOCK })
      reading.destroy()
    })
    reading.on('error', fail)
    reading.on('close', fail)
    reading.end(Buffer.from(bytes.subarray(0, LONGEST_HEADER)))
  })
}

function unreadable(position: number, path: string, cause: unknown): PromotionError {
  return position === 0
    ? refused(path, 'is no tar archive', cause)
    : brokenLayout(path, `has no readable header at byte ${position}`, undefined, cause)
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

function compressed(path: string): PromotionError {
  const hint = 'Unpack it with gunzip: its parts are read from where they lie in it.'
  return unusableLayout(path, 'is compressed', hint)
}

/** The name as a path in the layout; what points elsewhere is refused. */
function nameOf({ name }: Header, path: string): string {
  if (name.startsWith('/') || name.split('/').includes('..')) {
    throw refused(path, `holds ${JSON.stringify(name)}, which lies outside of it`)
  }
  return posix.normalize(name)
}

function hasSparse(pax: unknown): boolean {
  return (
    typeof pax === 'object' && pax !== null && Object.keys(pax).some((key) => key.startsWith('GNU.sparse'))
  )
}

function refused(path: string, why: string, cause?: unknown): PromotionError {
  return unusableLayout(path, why, PACK_AGAIN, cause)
}

function breaksOff(path: string, position: number): PromotionError {
  const hint = 'It was not written or not transferred to its end: fetch it again, and compare the checksums.'
  return brokenLayout(path, `breaks off at byte ${position}`, hint)
}
