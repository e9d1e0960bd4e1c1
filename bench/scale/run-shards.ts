import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildKeys } from '../../__tests__/builders/build-keys.ts'
import { buildLock } from '../../__tests__/builders/build-lock.ts'
import { type RegistryServer, startRegistry } from '../../__tests__/fakes/registry-server.ts'
import { isAttachedTag } from '../../src/oci/attached-tag.ts'
import { measure } from '../measure.ts'
import { failureOf } from '../run.ts'
import { buildFamilies, type FamilyImage } from './family-release.ts'
import type { ShardedRun, ShardRun } from './shard-run.ts'

const IMAGES = 5000
const SHARDS = 16
const POLICY = ['--public-key', 'cosign.pub']
const PLAN = 'plan.json'
/** The exit code of a plan that has something to do. */
const CHANGES = 2

/** Plans 5,000 signed images, applies them in 16 parts one after the other, and finishes; the registries are in this process. */
export async function runShards(
  folder: string,
  cli: string,
  tell: (line: string) => void,
): Promise<ShardedRun> {
  await using source = await startRegistry()
  await using target = await startRegistry()
  const keys = buildKeys('ec')
  const images = buildFamilies(IMAGES, keys)
  for (const { image, attached, repository } of images) {
    for (const artifact of [image, ...attached]) artifact.putInto(source.store, repository)
  }
  await writeFile(join(folder, 'cosign.pub'), keys.publicPem)
  await writeFile(join(folder, 'images.yml'), buildLock(images.map((one) => entryOf(one, source.host))))
  const jobs: ShardRun[] = []
  const run = async (job: string, ...args: readonly string[]) => {
    const command = { file: process.execPath, args: [cli, ...args, ...POLICY] }
    const { wall, cpu, memory, ...ended } = await measure(command, folder)
    const failure = ended.exitCode === CHANGES ? null : failureOf({ wall, cpu, memory, ...ended })
    jobs.push({ job, wall, cpu, memory, ...takeTraffic(source, target), failure })
    tell(`${job}: ${failure ?? `${wall.toFixed(2)} s`}`)
  }
  const places = ['--to', `${target.host}/{repository}`, '--tags', '{origin-tag}']
  await run('plan', 'plan', '--lock', 'images.yml', ...places, '--plan-output', PLAN, '--shards', `${SHARDS}`)
  const applied = ['--plan', PLAN, '--plan-digest', await digestOfPlan(folder)]
  for (let index = 1; index <= SHARDS; index++) {
    const shard = `${index}/${SHARDS}`
    await run(shard, 'promote', ...applied, '--shard', shard, '--report', `part-${index}.json`)
  }
  const tagsBefore = countTags(target)
  await run('finish', 'finish', ...applied, '--reports', 'part-*.json', '--report', 'report.json')
  return { jobs, leastRead: leastRead(images), tagsBefore, tagsAfter: countTags(target), images: IMAGES }
}

function entryOf({ image, tag, repository }: FamilyImage, host: string) {
  return { image: `${host}/${repository}:${tag}@${image.digest}` }
}

async function digestOfPlan(folder: string): Promise<string> {
  const { digest } = JSON.parse(await readFile(join(folder, PLAN), 'utf8')) as { readonly digest: string }
  return digest
}

/** What has passed since the last call. */
function takeTraffic(source: RegistryServer, target: RegistryServer) {
  const read = source.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))
  const written = target.requestsBy('PUT')
  const traffic = {
    requests: source.requests.length + target.requests.length,
    read: read.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
    written: written.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
  }
  for (const { requests } of [source, target]) requests.length = 0
  return traffic
}

function countTags({ store }: RegistryServer): number {
  return store
    .names()
    .flatMap((name) => [...store.repository(name).tags.keys()])
    .filter((tag) => !isAttachedTag(tag)).length
}

/** Bytes of every blob in a repository of the source once. */
function leastRead(images: readonly FamilyImage[]): number {
  const artifacts = images.flatMap(({ image, attached }) => [image, ...attached])
  const blobs = artifacts.flatMap((artifact) => artifact.blobs).map(({ descriptor }) => descriptor)
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
