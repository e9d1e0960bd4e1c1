import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { besideThenRename } from '../files/beside.ts'

/** A file to be written into an archive. */
export interface NewMember {
  readonly name: string
  /** In bytes; exactly as many have to come. */
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

type Pack = ReturnType<typeof pack>
type Sink = ReturnType<Pack['entry']>

/** The same files make the same archive. */
const ALWAYS = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }

/** Writes a tar archive (POSIX ustar) of these files in their order to the end or not at all. */
export async function writeTar(file: string, members: Iterable<NewMember>): Promise<void> {
  const packing = pack()
  await besideThenRename(file, async (temporary) => {
    await Promise.all([writeFile(temporary, Readable.from(packing), { flag: 'wx' }), feed(packing, members)])
  })
}

async function feed(packing: Pack, members: Iterable<NewMember>): Promise<void> {
  try {
    for (const { name, size, content } of members)
      await add(packing.entry({ name, size, ...ALWAYS }), content)
    packing.finalize()
  } catch (cause) {
    packing.destroy(cause instanceof Error ? cause : new Error(String(cause)))
    throw cause
  }
}

async function add(sink: Sink, content: AsyncIterable<Uint8Array>): Promise<void> {
  const closed = once(sink, 'close')
  // Where the content fails first, nobody waits for this.
  closed.catch(() => undefined)
  for await (const chunk of content) {
    if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), closed])
  }
  sink.end(undefined)
  await closed
}
