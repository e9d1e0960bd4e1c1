import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type RealRegistry, startRealRegistry } from '../conformance/real-registry.ts'
import { toolPath } from '../conformance/tools.ts'

const LONGEST_START = 10_000
const PAUSE = 20

/** Starts the distribution registry with its storage in a folder, and without a log: nobody should pay for one. */
export async function startDistribution(folder: string): Promise<RealRegistry> {
  const host = `127.0.0.1:${await freePort()}`
  const config = join(folder, `registry-${host.split(':')[1]}.yml`)
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, `registry-${host.split(':')[1]}`), maxthreads: 200 },
      delete: { enabled: true },
    },
    http: { addr: host, relativeurls: true },
  }
  await writeFile(config, JSON.stringify(settings))
  // It would look for a collector of traces otherwise.
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn(toolPath('registry'), ['serve', config], { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const kill = () => void child.kill()
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.off('exit', kill)
    kill()
    await ended
  }
  await untilListening(host, () => child.exitCode !== null)
  return { host, [Symbol.asyncDispose]: stop }
}

/** Starts go-containerregistry's registry, in memory and with the referrers API. */
export function startReferrersRegistry(): Promise<RealRegistry> {
  return startRealRegistry('referrers')
}

async function untilListening(host: string, hasEnded: () => boolean): Promise<void> {
  const end = performance.now() + LONGEST_START
  while (!(await answers(host))) {
    if (hasEnded() || performance.now() > end) throw new Error(`the registry at ${host} does not listen`)
    await delay(PAUSE)
  }
}

async function answers(host: string): Promise<boolean> {
  try {
    return (await fetch(`http://${host}/v2/`)).ok
  } catch {
    // Not yet: fetch has no other way to say that nothing listens.
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
