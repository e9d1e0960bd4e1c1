import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildLock } from '../../__tests__/builders/build-lock.ts'
import { type Command, measure } from '../measure.ts'
import { countRequests } from '../relay/traffic.ts'
import { failureOf } from '../run.ts'
import { buildTinyImages } from '../samples/build-samples.ts'
import { pushSamples } from '../samples/push-samples.ts'
import type { SampleImage } from '../samples/sample-image.ts'
import type { SiteName, Stage } from '../stage.ts'
import { delayed, type Link } from '../workloads.ts'
import type { ScaleRun } from './scale-run.ts'

const SIZES = [100, 1000, 5000]
const SITES: readonly SiteName[] = ['source', 'target 1']
const PLAIN_READER = resolve(import.meta.dirname, 'plain-reader.ts')
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  'verify: none': ['--verify', 'none'],
  verified: ['--public-key', 'cosign.pub'],
}

/** Promotes so many tiny signed images, then measures what it costs to find that nothing is to be done. */
export async function runScale(
  stage: Stage,
  cli: string,
  delays: readonly number[],
  tell: (line: string) => void,
): Promise<readonly ScaleRun[]> {
  const runs: ScaleRun[] = []
  for (const size of SIZES) {
    const repository = `scale/${size}`
    const images = buildTinyImages('scale', size, stage.keys)
    await pushSamples(images, { host: await stage.direct('source'), repository, spread: false })
    for (const [name, makeReady] of commandsFor(stage, cli, images, repository)) {
      const links = name.startsWith('first') ? [delayed(0)] : delays.map(delayed)
      for (const link of links) {
        const run = await runOnce(stage, link, await makeReady(link))
        runs.push({ images: size, command: name, link: link.name, ...run })
        tell(`${size} ${link.name} ${name}: ${run.failure ?? `${run.wall.toFixed(2)} s`}`)
      }
    }
  }
  return runs
}

/** A command, and the folder that was made ready for it. */
interface Ready {
  readonly folder: string
  readonly command: Command
}

type MakeReady = (link: Link) => Promise<Ready>

/** The commands of one size by their names, in their order: the first fills the target. */
function commandsFor(
  stage: Stage,
  cli: string,
  images: readonly SampleImage[],
  repository: string,
): readonly (readonly [string, MakeReady])[] {
  const ours =
    (...args: readonly string[]): MakeReady =>
    async (link) => {
      const [source, target] = await placesOn(stage, link, repository)
      const listed = images.map(({ image }) => ({ image: `${source}@${image.digest}` }))
      const folder = await stage.clearWork()
      await writeFile(join(folder, 'images.yml'), buildLock(listed))
      const to = ['--lock', 'images.yml', '--to', target, '--concurrency', '64']
      return { folder, command: { file: process.execPath, args: [cli, ...args, ...to] } }
    }
  const plain: MakeReady = async (link) => {
    const [host = ''] = await hostsOn(stage, link)
    const urls = images.map(({ image }) => `http://${host}/v2/${repository}/manifests/${image.digest}\n`)
    const folder = await stage.clearWork()
    await writeFile(join(folder, 'urls.txt'), urls.join(''))
    return { folder, command: { file: process.execPath, args: [PLAIN_READER, 'urls.txt'] } }
  }
  const unchanged = Object.entries(POLICIES).flatMap(([policy, flags]) =>
    ['plan', 'promote'].map((command) => [`${command}, ${policy}`, ours(command, ...flags)] as const),
  )
  return [
    ['first promote, verified', ours('promote', ...(POLICIES.verified ?? []))],
    ...unchanged,
    ['one HEAD an image, by a plain client', plain],
  ]
}

async function runOnce(stage: Stage, link: Link, { folder, command }: Ready) {
  await stage.prepare(SITES, link)
  const cost = await measure(command, folder)
  const traffic = await stage.takeTraffic(SITES)
  const { wall, cpu, memory } = cost
  return { wall, cpu, memory, requests: countRequests(traffic), failure: failureOf(cost) }
}

async function placesOn(stage: Stage, link: Link, repository: string): Promise<readonly [string, string]> {
  const [source, target] = await hostsOn(stage, link)
  return [`${source}/${repository}`, `${target}/${repository}`]
}

function hostsOn(stage: Stage, link: Link): Promise<readonly string[]> {
  return Promise.all(SITES.map((site) => stage.address(site, link)))
}
