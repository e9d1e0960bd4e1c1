import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Header, pack } from 'tar-stream'

/** A member of an archive: its name, or all of its header, and its content. */
export type Member = readonly [
  name: string | (Partial<Header> & Pick<Header, 'name'>),
  content: string | Uint8Array,
]

/** A tar archive of these members in their order, whatever they are. */
export async function packArchive(members: readonly Member[]): Promise<Buffer> {
  const packing = pack()
  for (const [name, content] of members) {
    const header = typeof name === 'string' ? { name } : name
    if (header.type === undefined || header.type === 'file') packing.entry(header, content)
    else packing.entry(header)
  }
  packing.finalize()
  return buffer(Readable.from(packing))
}
