import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildLock } from '../../__tests__/builders/build-lock.ts'
import { measure } from '../measure.ts'
import { countRequests } from '../relay/traffic.ts'
import { buildRelease } from '../samples/build-samples.ts'
import { nameOf, type Place } from '../samples/layout.ts'
import { pushSamples } from '../samples/push-samples.ts'
import type { SampleImage } from '../samples/sample-image.ts'
import { Stage } from '../stage.ts'
import type { Link } from '../workloads.ts'
import { MEASURED_FILE, MEASURED_SHAPES, type MeasuredLink, type MeasuredShape } from './measured-links.ts'

const CLI = resolve(import.meta.dirname, '../../dist/cli.js')
const MEMORY = '/dev/shm'

/** Promotes the release of the bench through the relay, once for each shape of link, to an empty target. */
async function measureLinks(): Promise<readonly MeasuredLink[]> {
  const folder = await mkdtemp(join(MEMORY, 'signed-promote-links-'))
  try {
    await using stage = new Stage(folder)
    const measured: MeasuredLink[] = []
    for (const shape of MEASURED_SHAPES) {
      const images = buildRelease({ keys: stage.keys, count: shape.images })
      measured.push({ ...shape, ...(await measureOne(stage, images, shape, `run-${measured.length}`)) })
      process.stderr.write(`${JSON.stringify(measured.at(-1))}\n`)
    }
    return measured
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureOne(
  stage: Stage,
  images: readonly SampleImage[],
  { delay, bandwidth, concurrency }: MeasuredShape,
  repository: string,
): Promise<Pick<MeasuredLink, 'seconds' | 'requests'>> {
  const link: Link = { name: repository, shape: { delay, bandwidth } }
  await pushSamples(images, { host: await stage.direct('source'), repository, spread: true })
  const source: Place = { host: await stage.address('source', link), repository, spread: true }
  const target = `${await stage.address('target 1', link)}/${repository}/{name}`
  const folder = await stage.clearWork()
  const listed = images.map((sample) => ({ image: `${nameOf(source, sample)}@${sample.image.digest}` }))
  await writeFile(join(folder, 'images.yml'), buildLock(listed))
  await stage.prepare(['source', 'target 1'], link)
  const args = [
    'promote',
    '--lock',
    'images.yml',
    '--to',
    target,
    '--public-key',
    'cosign.pub',
    '--read-back',
    'head',
  ]
  const { wall, exitCode, output } = await measure(
    { file: process.execPath, args: [CLI, ...args, '--concurrency', String(concurrency)] },
    folder,
  )
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${output}`)
  const traffic = await stage.takeTraffic(['source', 'target 1'])
  return { seconds: Math.round(wall * 10) / 10, requests: countRequests(traffic) }
}

await writeFile(MEASURED_FILE, `${JSON.stringify(await measureLinks(), null, 2)}\n`)
