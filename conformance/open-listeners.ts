import { readdir, readFile, readlink } from 'node:fs/promises'

const LISTENING = '0A'
/** 127.0.0.0/8, as such and inside IPv6, and ::1, in the hexadecimal of the kernel's tables. */
const LOOPBACK = /^(?:(?:0{16}FFFF0000)?.{6}7F|0{24}01000000)$/

/** The addresses, with ports and in hexadecimal, at which a process of Linux listens for others than this machine (proc(5), /proc/net/tcp). */
export async function openListeners(pid: number): Promise<readonly string[]> {
  const [tables, sockets] = await Promise.all([
    Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8'))),
    socketsOf(pid),
  ])
  return tables
    .flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
    .filter(([, , , state, , , , , , inode = '']) => state === LISTENING && sockets.has(inode))
    .map(([, local = '']) => local)
    .filter((local) => !LOOPBACK.test(local.slice(0, local.indexOf(':'))))
}

/** The inodes of the sockets that a process has open. */
async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`
  // A descriptor that is closed in between is no listener any more.
  const links = await Promise.allSettled((await readdir(folder)).map((name) => readlink(`${folder}/${name}`)))
  const targets = links.map((link) => (link.status === 'fulfilled' ? link.value : ''))
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.slice(1) ?? []))
}
