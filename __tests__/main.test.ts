import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { PromotionError } from '../src/errors.ts'
import { main } from '../src/main.ts'
import { fallbackTag } from '../src/oci/attached-tag.ts'
import { digestOf } from '../src/oci/digest.ts'
import { makeIndexManifest } from '../src/oci/manifest.ts'
import { buildKeys } from './builders/build-keys.ts'
import { encryptCosignKey } from './builders/encrypt-cosign-key.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from './builders/promotion-scene.ts'
import { RecordingReporter } from './fakes/recording-reporter.ts'
import { answer } from './fakes/registry-exchange.ts'

const KEYS_OF_A_REPORT = [
  'schema command succeeded exitCode startedAt finishedAt policy files planned plan changes preflight',
  'parts images locations totals warnings errors',
]

function interrupted(): PromotionError {
  return new PromotionError('interrupted', 'The run was ended by SIGTERM')
}

describe('inputs that cannot be used', () => {
  for (const [what, change, why] of [
    ['no policy at all', { 'public-key': '' }, /Nothing says who must have signed/],
    ['a key that is not there', { 'public-key': 'no-such.pub' }, /no-such\.pub/],
    ['a lock that is not there', { lock: 'no-such.yml' }, /The file does not exist/],
    ['an unknown command', { command: 'pormote' }, /pormote/],
  ] as const) {
    test(`${what}: the run ends with 3, and no registry was asked anything`, async () => {
      await using scene = await PromotionScene.start()
      const { exitCode, result } = await scene.run(change)
      assert.equal(exitCode, 3)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
    })
  }

  test('inputs that cannot even be read end as a report as well', async () => {
    const reporter = new RecordingReporter()
    const fail = () => {
      throw new PromotionError('input', 'There is no flag --x')
    }
    const signal = new AbortController().signal
    assert.equal(await main(fail, reporter, { environment: {}, workingDirectory: '.', signal }), 3)
    assert.deepEqual(
      reporter.result.errors.map(({ message }) => message),
      ['There is no flag --x'],
    )
    assert.equal(reporter.result.policy, null)
  })
})

test('a defect is told as one, with exit code 1', async () => {
  const reporter = new RecordingReporter()
  const fail = () => {
    throw new TypeError('x is undefined')
  }
  const signal = new AbortController().signal
  assert.equal(await main(fail, reporter, { environment: {}, workingDirectory: '.', signal }), 1)
  assert.equal(reporter.result.errors[0]?.kind, 'internal')
})

describe('the report', () => {
  test('is the result as JSON, inventory of both ends included', async () => {
    await using scene = await PromotionScene.start()
    const { result } = await scene.run({ report: scene.path('report.json') })
    const report = await scene.readJson('report.json')
    assert.deepEqual(JSON.parse(JSON.stringify(result)), report)
    assert.equal(result.schema, 'signed-promote/report/v1')
    assert.equal(Object.keys(result).join(' '), KEYS_OF_A_REPORT.join(' '))
    const { policy, totals, images } = result
    const [key, publicKey] = [scene.path('cosign.pub'), scene.keys.publicPem]
    assert.deepEqual(policy, { by: 'key', key, publicKey, requireAnnotations: {} })
    // One SBOM manifest stands under two tags, and is pushed with each.
    const sbom = scene.sample.attached.find(({ kind }) => kind === 'sbom')?.artifact ?? assert.fail()
    const { blobs, manifests } = scene.target.store.repository(TARGET_PATH)
    const pushed = [...manifests.values(), sbom.manifest].map(({ bytes }) => bytes)
    assert.deepEqual(totals, {
      images: 1,
      copied: 1,
      present: 0,
      signed: 0,
      notToSign: 0,
      verified: 1,
      attested: 0,
      mountedBlobs: 0,
      sentBlobs: blobs.size,
      sentManifests: manifests.size + 1,
      bytes: [...blobs.values(), ...pushed].reduce((sum, { byteLength }) => sum + byteLength, 0),
      tags: 1,
    })
    assert.equal(images[0]?.source, scene.reference())
  })

  test('is written when the run fails, with the error and what had been found', async () => {
    await using scene = await PromotionScene.start()
    const other = await scene.write('other.pub', buildKeys().publicPem)
    const { exitCode } = await scene.run({ report: scene.path('report.json'), 'public-key': other })
    const report = (await scene.readJson('report.json')) as RecordingReporter['result']
    assert.deepEqual([exitCode, report.exitCode, report.succeeded], [5, 5, false])
    assert.equal(report.errors[0]?.kind, 'verification')
    assert.deepEqual(
      report.images[0]?.signatures.map(({ counts }) => counts),
      [false, false],
    )
  })

  test('that cannot be written is known before anything else is done', async () => {
    await using scene = await PromotionScene.start()
    await mkdir(scene.path('report.json'))
    const { exitCode, result } = await scene.run({ report: scene.path('report.json') })
    assert.deepEqual([exitCode, result.succeeded], [3, false])
    assert.match(result.errors[0]?.message ?? '', /report\.json cannot be written: it is a folder/)
    assert.equal(scene.source.requests.length + scene.target.requests.length, 0)
  })

  test('that can no longer be written at the end fails a run that had succeeded', async () => {
    await using scene = await PromotionScene.start()
    const { exitCode, result } = await scene.run(
      { report: scene.path('report.json') },
      { onStepEnd: takeAway(scene.path('report.json')) },
    )
    assert.deepEqual([exitCode, result.succeeded], [8, false])
    assert.match(result.errors[0]?.message ?? '', /report\.json cannot be written/)
    assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
  })

  test('that can no longer be written is told beside the error of a run that failed', async () => {
    await using scene = await PromotionScene.start()
    const { exitCode, reporter, result } = await scene.run(
      { report: scene.path('report.json'), 'require-annotations': 'stage=prod' },
      { onStepEnd: takeAway(scene.path('report.json')) },
    )
    assert.equal(exitCode, 5)
    assert.equal(result.errors.length, 1)
    assert.match(reporter.warnings.at(-1)?.message ?? '', /report\.json cannot be written/)
    assert.match(result.warnings.at(-1) ?? '', /report\.json cannot be written/)
  })
})

/** Puts a folder where a file is to be written, in the middle of a run. */
function takeAway(path: string): (step: string) => void {
  return (step) => {
    if (step === 'Plan') mkdirSync(path)
  }
}

test('a lock that cannot be written is known before anything else is done', async () => {
  await using scene = await PromotionScene.start()
  await mkdir(scene.path('out.yml'))
  const { exitCode } = await scene.run({ 'lock-output': scene.path('out.yml') })
  assert.equal(exitCode, 3)
  assert.equal(scene.source.requests.length + scene.target.requests.length, 0)
})

test('a lock that can no longer be written at the end fails the run, which says that the tags have moved', async () => {
  await using scene = await PromotionScene.start()
  const path = scene.path('out.yml')
  const { exitCode, result } = await scene.run({ 'lock-output': path }, { onStepEnd: takeAway(path) })
  assert.equal(exitCode, 8)
  assert.deepEqual(result.images[0]?.targets[0]?.tags, [{ tag: 'v1', action: 'create', done: true }])
})

test('a warning about what was found reaches the user once, on the line of the image, and the report', async () => {
  await using scene = await PromotionScene.start({ referrersApi: false })
  const root = scene.sample.image.digest
  const repository = scene.source.store.repository(SOURCE_PATH)
  const gone = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('gone'), size: 4 }
  const list = makeIndexManifest([gone])
  repository.tags.set(fallbackTag(root), repository.putManifest(list.bytes, list.descriptor.mediaType))
  const key = await scene.write('ours.key', buildKeys().privatePem)
  const signing = { sign: 'key', key, 'signature-format': 'tag' }
  for (const inputs of [signing, { command: 'plan' }]) {
    const { result, reporter } = await scene.run(inputs)
    assert.equal(result.errors.length, 0)
    const own = reporter.warnings.filter(({ message }) => message.includes(digestOf('gone')))
    assert.deepEqual(
      own.map(({ location }) => [location?.file, location?.line]),
      [['images.yml', 4]],
    )
    assert.equal(result.warnings.filter((warning) => warning.includes(digestOf('gone'))).length, 1)
  }
  for (const command of ['verify', 'sign'] as const) {
    const { reporter } = await scene.runInPlace(command)
    assert.equal(reporter.warnings.length, 1)
  }
})

test('progress grows to its total', async () => {
  await using scene = await PromotionScene.start({}, [{}, {}])
  const { reporter } = await scene.run()
  const [sent, total] = reporter.progressed.at(-1) ?? []
  assert.ok(sent !== undefined && sent > 0)
  assert.equal(sent, total)
})

describe('a run that is told to stop', () => {
  test('in the middle of the copy moves no tag, and its report says so', async () => {
    await using scene = await PromotionScene.start()
    const controller = new AbortController()
    scene.target.fault(
      ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
      1,
      (_, proceed) => {
        controller.abort(interrupted())
        return proceed()
      },
    )
    const { exitCode } = await scene.run({ report: scene.path('report.json') }, { controller })
    assert.equal(exitCode, 130)
    const report = (await scene.readJson('report.json')) as RecordingReporter['result']
    assert.deepEqual(
      report.errors.map(({ kind, message }) => [kind, message]),
      [['interrupted', 'The run was ended by SIGTERM']],
    )
    assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
    assert.ok(!writesTo(scene.target).some(({ path }) => path.endsWith('/v1')))
  })

  test('while it waits to ask again does not wait any longer', async () => {
    await using scene = await PromotionScene.start()
    const controller = new AbortController()
    scene.source.fault(
      () => true,
      99,
      () => {
        setTimeout(() => controller.abort(interrupted()), 20)
        return answer(503, { 'retry-after': '60' })
      },
    )
    const { exitCode, result } = await scene.run({}, { controller })
    assert.equal(exitCode, 130)
    assert.deepEqual(
      result.errors.map(({ kind }) => kind),
      ['interrupted'],
    )
  })

  test('just before the tags moves none of them', async () => {
    await using scene = await PromotionScene.start()
    const controller = new AbortController()
    const onStepEnd = (name: string) => {
      if (name === 'Verify at the targets') controller.abort(interrupted())
    }
    const { exitCode, reporter } = await scene.run({}, { controller, onStepEnd })
    assert.equal(exitCode, 130)
    assert.ok(!reporter.steps.includes('Move the tags'))
    assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
  })

  test('while tags move ends when they have all moved: half of them would be worse', async () => {
    await using scene = await PromotionScene.start({}, [{}, {}])
    const controller = new AbortController()
    const onStep = (name: string) => {
      if (name === 'Move the tags') controller.abort(interrupted())
    }
    const { exitCode } = await scene.run({}, { controller, onStep })
    assert.equal(exitCode, 0)
    for (const target of scene.targets) assert.equal(scene.tagAt(target, 'v1'), scene.sample.image.digest)
  })
})

test('no secret is in anything that a run leaves or tells', async () => {
  await using scene = await PromotionScene.start()
  const password = 'a very secret password'
  const key = await scene.write('ours.key', encryptCosignKey(scene.keys.privateKey, password))
  for (const given of [password, `${password}, but wrong`]) {
    const { result, reporter } = await scene.run({
      sign: 'key',
      key,
      'key-password': given,
      report: scene.path('report.json'),
    })
    const told = JSON.stringify([
      result,
      reporter.infos,
      reporter.warnings,
      await scene.readJson('report.json'),
    ])
    assert.ok(!told.includes(password))
    assert.equal(result.exitCode, given === password ? 0 : 3)
  }
  assert.ok(!(await readdir(scene.folder)).some((name) => name.endsWith('.tmp')))
})
