import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EXIT_CODES } from '../src/errors.ts'
import { attachedTag } from '../src/oci/attached-tag.ts'
import { listTags } from './inventory.ts'
import { type PushedSample, pushBareSample } from './push-sample.ts'
import { type RegistryProxy, startRegistryProxy } from './registry-proxy.ts'
import { type CliRun, readReport, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

/** How a run has to end: its exit code, what it says, and the repository that must stay empty. */
interface Refusal {
  readonly code: number
  readonly message: RegExp
  readonly repository: string
}

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE']

describe('leaves the target as it was', { skip: missingTools('cosign', 'registry') }, () => {
  let bench: Workbench
  let target: RegistryProxy
  /** In front of the source: answers 403 for the `.sig` tag of one image. */
  let source: RegistryProxy
  let forbidden: string | undefined

  before(async () => {
    bench = await Workbench.open('distribution', 'distribution')
    target = await startRegistryProxy(bench.target.host)
    source = await startRegistryProxy(bench.source.host, ({ path }) =>
      forbidden !== undefined && path.includes(forbidden) ? 403 : undefined,
    )
  })

  after(async () => {
    await target?.[Symbol.asyncDispose]()
    await source?.[Symbol.asyncDispose]()
    await bench?.[Symbol.asyncDispose]()
  })

  const push = (seed: string): Promise<PushedSample> =>
    pushBareSample({ host: bench.source.host, repository: seed, seed })

  const promote = async (seed: string, sample: PushedSample, ...more: readonly string[]): Promise<CliRun> => {
    await bench.writeLock(`${source.host}/${seed}@${sample.index.digest}`)
    target.requests.length = 0
    return runCli(
      bench.folder,
      ...['promote', '--lock', 'images.yml', '--to', `${target.host}/${seed}`, '--public-key', 'cosign.pub'],
      ...['--tags', 'v1', '--report', 'report.json', ...more],
    )
  }

  const assertRefused = async ({ exitCode, output }: CliRun, expected: Refusal): Promise<void> => {
    assert.equal(exitCode, expected.code, output)
    assert.match(output, expected.message)
    assert.equal((await readReport(bench.folder)).succeeded, false)
    assert.deepEqual(
      target.requests.filter(({ method }) => WRITES.includes(method)),
      [],
    )
    assert.deepEqual(await listTags(bench.target.host, expected.repository), [])
  }

  test('when an image is not signed', async () => {
    const sample = await push('unsigned')
    await assertRefused(await promote('unsigned', sample), {
      code: EXIT_CODES.verification,
      message: /signature/i,
      repository: 'unsigned',
    })
  })

  test('when an image is signed by another key', async () => {
    const sample = await push('foreign')
    const others = await bench.cosign.generateKeys('other')
    for (const form of ['tag', 'bundle'] as const) {
      await bench.cosign.sign(form, others, `${bench.source.host}/foreign@${sample.index.digest}`)
    }
    await assertRefused(await promote('foreign', sample), {
      code: EXIT_CODES.verification,
      message: /key/i,
      repository: 'foreign',
    })
  })

  test('when a signature lacks the required annotation', async () => {
    const sample = await push('unannotated')
    const image = `${bench.source.host}/unannotated@${sample.index.digest}`
    await bench.cosign.sign('tag', bench.keys, image, { stage: 'test' })
    await bench.cosign.sign('bundle', bench.keys, image, { stage: 'test' })
    const run = await promote('unannotated', sample, '--require-annotations', 'stage=released')
    await assertRefused(run, {
      code: EXIT_CODES.verification,
      message: /stage/,
      repository: 'unannotated',
    })
    const proof = await promote('unannotated', sample, '--require-annotations', 'stage=test')
    assert.equal(proof.exitCode, 0, proof.output)
  })

  test('when the registry will not say whether there is a signature', async () => {
    const sample = await push('forbidden')
    const image = `${bench.source.host}/forbidden@${sample.index.digest}`
    await bench.cosign.sign('tag', bench.keys, image)
    await bench.cosign.sign('bundle', bench.keys, image)
    forbidden = attachedTag(sample.index.digest, 'sig')
    await assertRefused(await promote('forbidden', sample), {
      code: EXIT_CODES.registry,
      message: /403/,
      repository: 'forbidden',
    })
  })
})
