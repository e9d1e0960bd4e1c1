import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { takeInventory } from './inventory.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { runCli } from './run-cli.ts'
import { missingTools, runTool, type ToolName } from './tools.ts'
import { Workbench } from './workbench.ts'

const PATH = 'team/app'
const BY_KEY = ['--public-key', 'cosign.pub']

/** How a tool makes a layout of an image, and what promotes it from there. */
interface Maker {
  readonly tool: ToolName
  readonly how: string
  readonly command: (image: string, host: string) => readonly string[]
  /** `--verify none` where the tool leaves all signatures behind. */
  readonly policy: readonly string[]
  /** What arrives, by its kind. */
  readonly kinds: readonly string[]
}

const MAKERS: readonly Maker[] = [
  {
    tool: 'crane',
    how: 'pull',
    command: (image) => ['pull', '--format=oci', image, 'layout-crane-pull'],
    policy: ['--verify', 'none'],
    kinds: ['blob', 'child'],
  },
  {
    tool: 'skopeo',
    how: 'copy',
    command: (image) => [
      ...['copy', '--all', '--insecure-policy', '--src-tls-verify=false'],
      ...[`docker://${image}`, 'oci:layout-skopeo-copy:v1'],
    ],
    policy: ['--verify', 'none'],
    kinds: ['blob', 'child'],
  },
  {
    tool: 'oras',
    how: 'cp',
    command: (image) => ['cp', '-r', '--from-plain-http', '--to-oci-layout', image, 'layout-oras-cp:v1'],
    policy: BY_KEY,
    kinds: ['blob', 'child', 'referrer'],
  },
  {
    tool: 'regctl',
    how: 'copy',
    command: (image, host) => [
      ...['--host', `reg=${host},tls=disabled`, 'image', 'copy', '--referrers', '--digest-tags'],
      ...[image, 'ocidir://layout-regctl-copy:v1'],
    ],
    policy: BY_KEY,
    kinds: ['att', 'blob', 'child', 'referrer', 'sbom', 'sig'],
  },
]

describe('promotes from a layout that another tool made', {
  skip: missingTools('cosign', 'registry', 'referrers-registry', 'crane', 'oras', 'regctl', 'skopeo'),
}, () => {
  let bench: Workbench
  let sample: PushedSample
  let image: string

  before(async () => {
    bench = await Workbench.open('referrers', 'referrers')
    const { host } = bench.source
    sample = await pushCompleteSample(bench.cosign, bench.keys, { host, repository: PATH, seed: 'foreign' })
    image = `${host}/${PATH}@${sample.index.digest}`
  })

  after(() => bench?.[Symbol.asyncDispose]())

  for (const { tool, how, command, policy, kinds } of MAKERS) {
    test(`${tool} ${how}`, async () => {
      await runTool(bench.folder, tool, ...command(image, bench.source.host))
      const from = ['--from', `oci-layout:layout-${tool}-${how}`, '--images', image]
      const to = ['--to', `${bench.target.host}/${tool}`, '--tags', 'v1']
      const { exitCode, output } = await runCli(bench.folder, 'promote', ...from, ...to, ...policy)
      assert.equal(exitCode, 0, output)
      const arrived = await takeInventory(bench.target.host, tool, sample.index.digest)
      const found = new Set(arrived.map((line) => line.split(' ').at(-2) ?? ''))
      assert.deepEqual([...found].sort(), kinds)
    })
  }
})
