import type { Command } from '../measure.ts'
import { nameOf } from '../samples/layout.ts'
import { type Job, manyTimes, type Tool } from './tool.ts'

/** The password of the key that the bench signs with. */
export const KEY_PASSWORD = 'bench'

/** What this program is called with and without verification, in tables and goals. */
export const OURS = 'ours'
export const OURS_UNVERIFIED = 'ours, `verify: none`'

const PROMOTIONS = ['BR', 'CR', 'DR', 'B', 'C', 'D', 'E', 'B1', 'F'] as const
const SIGN = ['--key', 'cosign.key']
const COSIGN_SIGN = [
  ...['cosign', 'sign', ...SIGN, '--yes', '--new-bundle-format=false'],
  ...['--use-signing-config=false', '--tlog-upload=false'],
]

/** This program, built into a folder with its `cli.js`, run by the Node that runs the bench. */
export function makeOurs(cli: string): readonly Tool[] {
  const run = (...args: readonly string[]): Command => ({
    file: process.execPath,
    args: [cli, ...args, '--lock', 'images.yml', '--concurrency', '64'],
    env: { COSIGN_PASSWORD: KEY_PASSWORD },
  })
  const promote = (job: Job, ...policy: readonly string[]) => {
    const targets = job.targets.flatMap(({ host, repository, spread }) => [
      '--to',
      `${host}/${repository}${spread ? '/{name}' : ''}`,
    ])
    return run('promote', ...targets, ...policy)
  }
  return [
    {
      name: OURS,
      workloads: PROMOTIONS,
      slow: false,
      command: (job) => promote(job, '--public-key', 'cosign.pub'),
    },
    {
      name: OURS_UNVERIFIED,
      workloads: ['A', ...PROMOTIONS],
      slow: false,
      command: (job) => promote(job, '--verify', 'none'),
    },
    {
      name: 'ours sign',
      workloads: ['G'],
      slow: false,
      command: () => run('sign', ...SIGN, '--signature-format', 'tag'),
    },
  ]
}

/** The cosign binary once an image, with the same key and form of signature: one after another as in a loop, and side by side. */
export const COSIGN_SIGNERS: readonly Tool[] = [
  cosignSigner('cosign sign', 1),
  cosignSigner('cosign sign, 16 at a time', 16),
]

function cosignSigner(name: string, atATime: number): Tool {
  return {
    name,
    workloads: ['G'],
    slow: true,
    command: ({ images, source }) => ({
      ...manyTimes(
        COSIGN_SIGN,
        atATime,
        images.map((sample) => [`${nameOf(source, sample)}@${sample.image.digest}`]),
      ),
      env: { COSIGN_PASSWORD: KEY_PASSWORD },
    }),
  }
}
