import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { takeMemory } from './process-memory.ts'

/** A program to run, with nothing of this machine but what is said here and the PATH. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** What it reads from its standard input. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What one run cost: seconds from spawn to exit, CPU seconds of the whole process tree, peak memory in bytes. */
export interface Cost {
  readonly wall: number
  readonly cpu: number
  readonly memory: number
  readonly exitCode: number
  /** The end of both output streams. */
  readonly output: string
}

/** Clock ticks a second in /proc, on every architecture that Linux has today. */
const TICKS = 100
const POLL_INTERVAL = 50
const OUTPUT_LIMIT = 4000

/** Runs a command in `folder` and measures it; Linux only, because of /proc. Nothing else that this process has started may end meanwhile. */
export async function measure(command: Command, folder: string): Promise<Cost> {
  const log = openSync(`${folder}/output.log`, 'w+')
  try {
    const cpuBefore = childrenSeconds()
    const start = performance.now()
    const child = spawn(command.file, command.args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, DOCKER_CONFIG: folder, ...command.env },
      stdio: ['pipe', log, log],
    })
    const exited = once(child, 'exit') as Promise<[number | null]>
    // A program that does not read its input is no failure.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(command.input)
    let memory = 0
    const poll = setInterval(() => {
      memory = Math.max(memory, takeMemory(child.pid ?? 0))
    }, POLL_INTERVAL)
    const [exitCode] = await exited.finally(() => clearInterval(poll))
    const wall = (performance.now() - start) / 1000
    const output = readFileSync(`${folder}/output.log`, 'utf8').slice(-OUTPUT_LIMIT)
    return { wall, cpu: childrenSeconds() - cpuBefore, memory, exitCode: exitCode ?? -1, output }
  } finally {
    closeSync(log)
  }
}

/** CPU seconds of all processes that this one has waited for, and of those that they have: exact, and without asking them (proc(5), `cutime`, `cstime`). */
function childrenSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // The second field is a name in brackets, which may hold blanks.
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number)
  return (user + system) / TICKS
}
