import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { TARGET_PATH } from '../builders/promotion-scene.ts'
import type { Account } from '../fakes/registry-switches.ts'
import { type BigScene, differences, inputsOf, movedTags, startBigScene, wantedTags } from './big-scene.ts'
import { type Ended, Product, readReport, type Started } from './product.ts'

const MIB = 1024 * 1024
const SMALL = MIB
const LARGE = 300 * MIB
/** MiB of memory that a run may have at most, the program itself included, however large a blob is. */
const MOST_MEMORY = 200
const ACCOUNT: Account = { username: 'release', password: 'correct horse' }

let product: Product

before(async () => {
  product = await Product.build()
})

after(() => product?.[Symbol.asyncDispose]())

describe('a full disk', { skip: cannotMount() }, () => {
  for (const [input, file] of [
    ['report', 'report.json'],
    ['lock-output', 'out.yml'],
  ] as const) {
    test(`where the ${input} goes is known before anything is done`, async () => {
      const big = await startBigScene({}, SMALL)
      await using scene = big.scene
      const { exitCode, output } = await runOnDisk(
        big,
        '4k',
        { [input]: `disk/${file}` },
        'cat /dev/zero > disk/all',
      )
      assert.equal(exitCode, 3, output)
      assert.match(output, new RegExp(`${file} cannot be written: ENOSPC`))
      assert.match(output, /^left: all\.$/m)
      assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
    })
  }

  test('that fills up during the run fails it, and leaves no half of a report', async () => {
    const big = await startBigScene({}, SMALL)
    await using scene = big.scene
    const { exitCode, output } = await runOnDisk(big, '8k', { report: 'disk/report.json' })
    assert.equal(exitCode, 8, output)
    assert.match(output, /report\.json cannot be written: ENOSPC/)
    assert.match(output, /^left: \.$/m)
    assert.deepEqual(movedTags(scene), wantedTags(big))
  })
})

test('32 file descriptors: finishes, or says what there is too little of and moves no tag', async (context) => {
  const big = await startBigScene({}, SMALL)
  await using scene = big.scene
  const through = ['bash', '-c', 'ulimit -n 32 && exec "$@"', 'bash']
  const { exitCode, output } = await product.run(scene.folder, big.inputs, { through })
  context.diagnostic(`ended with ${exitCode}`)
  if (exitCode === 0) {
    assert.deepEqual(movedTags(scene), wantedTags(big))
    assert.deepEqual(differences(scene), [])
  } else {
    assert.match(output, /EMFILE.*\n.*ulimit -n/)
    assert.deepEqual(movedTags(scene), [])
  }
})

test('a heap of 128 MB is enough for a blob of 300 MiB', async (context) => {
  const big = await startBigScene({}, LARGE)
  await using scene = big.scene
  const peaks: number[] = []
  let run: Started | undefined
  scene.target.fault(
    ({ method, path }) => method === 'PUT' && path.endsWith('/manifests/v1'),
    Number.POSITIVE_INFINITY,
    async (_, proceed) => {
      peaks.push(await peakMemory(run?.child.pid))
      return proceed()
    },
  )
  run = product.start(scene.folder, big.inputs, { nodeArguments: ['--max-old-space-size=128'] })
  const { exitCode, output } = await run.ended
  assert.equal(exitCode, 0, output)
  assert.deepEqual(differences(scene), [])
  const peak = Math.max(...peaks)
  context.diagnostic(`${peak.toFixed(0)} MiB at most`)
  assert.ok(peak < MOST_MEMORY, `${peak} MiB`)
})

for (const hours of [2, -2]) {
  test(`a clock that is ${hours} hours off neither breaks tokens nor signatures`, async () => {
    const big = await startBigScene({ auth: { by: 'bearer', accounts: [ACCOUNT] } }, SMALL)
    await using scene = big.scene
    const environment = {
      SIGNED_PROMOTE_REGISTRIES: `${scene.target.host} ${ACCOUNT.username} ${ACCOUNT.password}`,
    }
    const signing = ['--sign', 'key', '--key', 'cosign.key', '--annotations', `hours=${hours}`]
    const { exitCode, output } = await product.run(scene.folder, [...big.inputs, ...signing], {
      environment,
      nodeArguments: [`--import=${shiftedClock(hours)}`],
    })
    assert.equal(exitCode, 0, output)
    assert.deepEqual(movedTags(scene), wantedTags(big))
    const { startedAt } = await readReport(scene.folder)
    const off = (Date.parse(startedAt) - Date.now()) / 3_600_000
    assert.ok(Math.abs(off - hours) < 0.5, `the clock of the run was ${off} hours off`)
    const verified = await verifyAtTarget(big, ['--require-annotations', `hours=${hours}`], environment)
    assert.equal(verified.exitCode, 0, verified.output)
  })
}

/** Why there can be no small disk here; false when there can. */
function cannotMount(): string | false {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return false
  } catch {
    return 'nobody but root may mount a file system here'
  }
}

/** Runs with `disk` as a file system of this size; the output says what is left on it. */
async function runOnDisk(
  { scene }: BigScene,
  size: string,
  changes: Readonly<Record<string, string>>,
  fill = 'true',
): Promise<Ended> {
  await mkdir(scene.path('disk'))
  const steps = [
    `mount -t tmpfs -o size=${size} tmpfs disk`,
    `{ ${fill} 2>/dev/null; "$@"; ended=$?; }`,
    'echo "left: $(ls -A disk)."',
    'exit $ended',
  ]
  const through = ['unshare', '-rm', 'bash', '-c', steps.join('; '), 'bash']
  return product.run(scene.folder, inputsOf(scene, changes), { through })
}

/** MiB that a process has had in memory at most. */
async function peakMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

/** A module that sets the process's own clock so many hours ahead. */
function shiftedClock(hours: number): string {
  const code = `const { now } = Date, shift = ${hours} * 3600e3
    globalThis.Date = class extends Date {
      constructor(...time) { super(...(time.length > 0 ? time : [now() + shift])) }
      static now() { return now() + shift }
    }`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

function verifyAtTarget(
  { scene }: BigScene,
  more: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const image = `${scene.target.host}/${TARGET_PATH}@${scene.sample.image.digest}`
  const inputs = ['verify', '--images', image, '--public-key', 'cosign.pub', ...more]
  return product.run(scene.folder, inputs, { environment })
}
