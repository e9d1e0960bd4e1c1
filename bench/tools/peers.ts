import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf, type Place } from '../samples/layout.ts'
import { type Job, manyTimes, type Tool } from './tool.ts'

/** Another tool that copies images, looked for on the PATH. */
export interface Peer extends Tool {
  readonly binary: string
  readonly versionArguments: readonly string[]
  /** How to get it. */
  readonly install: string
}

const RELEASES = ['BR', 'CR', 'DR', 'B', 'C', 'D'] as const
const COPIES = ['A', ...RELEASES] as const
const WITH_REFERRERS = [...COPIES, 'E'] as const

/** The copying tools of the field; each runs the way that brings along the most. */
export const PEERS: readonly Peer[] = [
  {
    name: 'crane',
    binary: 'crane',
    versionArguments: ['version'],
    install: 'go install github.com/google/go-containerregistry/cmd/crane@v0.22.1',
    workloads: WITH_REFERRERS,
    slow: false,
    // Once for each repository.
    command: (job) => manyTimes(['crane', 'copy', '--all-tags', '--jobs', '64'], 64, repositoryLines(job)),
  },
  {
    name: 'regsync',
    binary: 'regsync',
    versionArguments: ['version', '--format', '{{.VCSTag}}'],
    install: 'go install github.com/regclient/regclient/cmd/regsync@v0.11.7',
    workloads: WITH_REFERRERS,
    slow: false,
    command: (job) => ({ file: 'regsync', args: ['once', '--config', writeRegsyncConfig(job)] }),
  },
  {
    name: 'regctl',
    binary: 'regctl',
    versionArguments: ['version', '--format', '{{.VCSTag}}'],
    install: 'go install github.com/regclient/regclient/cmd/regctl@v0.11.7',
    workloads: WITH_REFERRERS,
    slow: true,
    command: (job) => ({
      ...manyTimes(['regctl', 'image', 'copy', '--digest-tags', '--referrers'], 32, tagLines(job)),
      env: { REGCTL_CONFIG: writeRegctlConfig(job) },
    }),
  },
  {
    name: 'oras',
    binary: 'oras',
    versionArguments: ['version'],
    install: 'go install oras.land/oras/cmd/oras@v1.2.3',
    workloads: WITH_REFERRERS,
    slow: true,
    // Once for the image, and once for each of its two tags, which it does not look for.
    command: (job) =>
      manyTimes(['oras', 'cp', '-r', '--no-tty', '--from-plain-http', '--to-plain-http'], 64, [
        ...tagLines(job),
        ...attachedLines(job),
      ]),
  },
  {
    name: 'cosign copy',
    binary: 'cosign',
    versionArguments: ['version', '--json'],
    install: 'go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3',
    workloads: WITH_REFERRERS,
    slow: true,
    // Without force it refuses a tag that points elsewhere; with it, it sends again what is there.
    command: (job) =>
      manyTimes(['cosign', 'copy', ...(job.workload.startsWith('D') ? ['--force'] : [])], 32, tagLines(job)),
  },
  {
    name: 'imgpkg',
    binary: 'imgpkg',
    versionArguments: ['version'],
    install: 'go install carvel.dev/imgpkg/cmd/imgpkg@v0.46.1',
    workloads: COPIES,
    slow: true,
    gathers: true,
    command: (job) => ({
      file: 'imgpkg',
      args: [
        ...['copy', '--lock', 'images.yml', '--to-repo', gathered(job), '--cosign-signatures'],
        ...['--concurrency', '64', '--registry-insecure', '--yes'],
      ],
    }),
  },
  {
    name: 'skopeo',
    binary: 'skopeo',
    versionArguments: ['--version'],
    install: 'apt-get install skopeo',
    workloads: COPIES,
    slow: true,
    command: (job) =>
      manyTimes(
        [
          ...['skopeo', '--insecure-policy', 'copy', '--all', '--quiet', '--preserve-digests'],
          ...['--src-tls-verify=false', '--dest-tls-verify=false'],
        ],
        16,
        tagLines(job).map((line) => line.map((name) => `docker://${name}`)),
      ),
  },
]

function ends({ source, targets }: Job): readonly [Place, Place] {
  const [target] = targets
  if (target === undefined) throw new Error('a job without a target')
  return [source, target]
}

function gathered(job: Job): string {
  const [, { host, repository }] = ends(job)
  return `${host}/${repository}`
}

function repositoryLines(job: Job): string[][] {
  const pairs = job.images.map((image) => ends(job).map((place) => nameOf(place, image)))
  return job.source.spread ? pairs : pairs.slice(0, 1)
}

function tagLines(job: Job): string[][] {
  return job.images.map((image) => ends(job).map((place) => `${nameOf(place, image)}:${image.tag}`))
}

function attachedLines(job: Job): string[][] {
  return job.images.flatMap((image) =>
    image.attached
      .flatMap(({ attachedTag }) => attachedTag ?? [])
      .map((tag) => ends(job).map((place) => `${nameOf(place, image)}:${tag}`)),
  )
}

/** Its own default of three requests at a time a host would not suit it here. */
function regclientHosts(job: Job) {
  return ends(job).map(({ host }) => ({ registry: host, tls: 'disabled', reqConcurrent: 64 }))
}

function writeRegsyncConfig(job: Job): string {
  const path = join(job.folder, 'regsync.json')
  // Entries run side by side, the tags of one entry do not: one entry a tag.
  const sync = tagLines(job).map(([source, target]) => ({ source, target, type: 'image' }))
  const defaults = { parallel: 64, digestTags: true, referrers: true, fastCheck: false }
  writeFileSync(path, JSON.stringify({ version: 1, creds: regclientHosts(job), defaults, sync }))
  return path
}

function writeRegctlConfig(job: Job): string {
  const path = join(job.folder, 'regctl.json')
  const hosts = Object.fromEntries(regclientHosts(job).map(({ registry, ...host }) => [registry, host]))
  writeFileSync(path, JSON.stringify({ hosts }))
  return path
}
