import { readFileSync } from 'node:fs'

const KIB = 1024

/**
 * Memory of a process and its descendants in bytes: of one alone the most it ever had (VmHWM); of several what each has for itself now,
 * and the program's own pages, which they share, once.
 */
export function takeMemory(pid: number): number {
  const statuses = descendants(pid).map(readStatus)
  const [only] = statuses
  if (only !== undefined && statuses.length === 1) return only.highest
  const shared = Math.max(0, ...statuses.map(({ file }) => file))
  return statuses.reduce((sum, { anonymous }) => sum + anonymous, shared)
}

interface MemoryStatus {
  readonly highest: number
  readonly anonymous: number
  readonly file: number
}

function descendants(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(descendants)]
}

function readStatus(pid: number): MemoryStatus {
  const status = read(`/proc/${pid}/status`)
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * KIB
  return { highest: field('VmHWM'), anonymous: field('RssAnon'), file: field('RssFile') }
}

/** A process may end between being listed and being read: it has no memory then. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
