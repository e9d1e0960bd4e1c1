import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { writesTo } from '../__tests__/builders/promotion-scene.ts'
import {
  type ArtifactoryServer,
  startArtifactory,
} from '../__tests__/fakes/artifactory/artifactory-server.ts'
import { blobsOf } from '../src/oci/manifest.ts'
import { Cosign, type CosignKeys } from './cosign.ts'
import { takeInventory } from './inventory.ts'
import { newFolder } from './new-folder.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { type CliRun, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'

const FORMS = ['tag', 'bundle'] as const
const SOURCE = 'docker-dev/team/app'
const TARGET = 'docker-prod/live/app'

describe('promotes inside an emulated Artifactory what cosign has signed', {
  skip: missingTools('cosign'),
}, () => {
  let artifactory: ArtifactoryServer
  let folder: string
  let cosign: Cosign
  let keys: CosignKeys
  let sample: PushedSample

  before(async () => {
    folder = await newFolder()
    artifactory = await startArtifactory()
    cosign = new Cosign(folder)
    keys = await cosign.generateKeys('cosign')
    sample = await pushCompleteSample(cosign, keys, {
      host: artifactory.host,
      repository: SOURCE,
      seed: 'artifactory',
    })
  })

  after(async () => {
    await artifactory?.[Symbol.asyncDispose]()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const imageAt = (path: string): string => `${artifactory.host}/${path}@${sample.index.digest}`

  const promote = (to: string, ...more: readonly string[]): Promise<CliRun> => {
    artifactory.registry.requests.length = 0
    return runCli(
      folder,
      ...['promote', '--images', imageAt(SOURCE), '--to', `${artifactory.host}/${to}`],
      ...['--public-key', 'cosign.pub', '--tags', 'v1'],
      ...['--copy-by', 'artifactory', '--artifactory-url', artifactory.url, ...more],
    )
  }

  test('everything arrives, and of no layer a byte comes through this machine', async () => {
    const { exitCode, output } = await promote(TARGET)
    assert.equal(exitCode, 0, output)
    const transfers = artifactory.transfers
    const layers = sample.children.flatMap(({ manifest }) => blobsOf(manifest).map(({ digest }) => digest))
    assert.ok(artifactory.asked.includes('POST /api/docker/docker-dev/v2/promote'))
    assert.deepEqual(
      transfers.filter(
        ({ method, path }) => method !== 'GET' || layers.some((digest) => path.endsWith(digest)),
      ),
      [],
    )
    for (const form of FORMS) await cosign.verify(form, keys, imageAt(TARGET))
    assert.deepEqual(
      await takeInventory(artifactory.host, TARGET, sample.index.digest),
      await takeInventory(artifactory.host, SOURCE, sample.index.digest),
    )
  })

  test('a second run writes nothing', async () => {
    const { exitCode, output } = await promote(TARGET)
    assert.equal(exitCode, 0, output)
    assert.deepEqual(writesTo(artifactory.registry), [])
  })

  test('a login that docker left is enough, and a move ends with the source empty of the image', async () => {
    const robot = { username: 'robot', password: 'p4ssw0rd-of-the-robot' }
    const auth = Buffer.from(`${robot.username}:${robot.password}`).toString('base64')
    await mkdir(join(folder, 'docker'), { recursive: true })
    await writeFile(
      join(folder, 'docker', 'config.json'),
      JSON.stringify({ auths: { [artifactory.host]: { auth } } }),
    )
    const before = await takeInventory(artifactory.host, SOURCE, sample.index.digest)
    artifactory.registry.switches.auth = { by: 'basic', accounts: [robot] }
    const { exitCode, output } = await promote('docker-moved/live/app', '--move', 'true')
    artifactory.registry.switches.auth = { by: 'nobody' }
    assert.equal(exitCode, 0, output)
    assert.ok(!output.includes(robot.password) && !output.includes(auth))
    assert.deepEqual(
      await takeInventory(artifactory.host, 'docker-moved/live/app', sample.index.digest),
      before,
    )
    await assert.rejects(takeInventory(artifactory.host, SOURCE, sample.index.digest), /has no sha256:/)
  })
})
