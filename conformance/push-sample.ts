import { buildReferrer } from '../__tests__/builders/build-attached.ts'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { buildIndex } from '../__tests__/builders/build-index.ts'
import type { BuiltArtifact } from '../__tests__/builders/built-artifact.ts'
import type { Cosign, CosignKeys } from './cosign.ts'

/** A two-platform index in a registry. */
export interface PushedSample {
  readonly index: BuiltArtifact
  readonly children: readonly BuiltArtifact[]
}

export interface SampleHome {
  readonly host: string
  readonly repository: string
  /** Two samples of one seed are the same image. */
  readonly seed: string
}

/** Pushes a two-platform index without anything attached to it. */
export async function pushBareSample({ host, repository, seed }: SampleHome): Promise<PushedSample> {
  const children = ['amd64', 'arm64'].map((architecture) =>
    buildImage({ seed, platform: { os: 'linux', architecture } }),
  )
  const index = buildIndex(children)
  await index.pushTo(host, repository, 'v1')
  return { index, children }
}

/**
 * Pushes an index on which everything hangs that can: signed by cosign in both forms, its children too, with `.att`, `.sbom`, two
 * referrers on the index, one on a child and one on a referrer.
 */
export async function pushCompleteSample(
  cosign: Cosign,
  keys: CosignKeys,
  home: SampleHome,
): Promise<PushedSample> {
  const { host, repository, seed } = home
  const sample = await pushBareSample(home)
  const image = `${host}/${repository}@${sample.index.digest}`
  await cosign.sign('tag', keys, image)
  await cosign.sign('bundle', keys, image)
  await cosign.attest(keys, image)
  await cosign.attachSbom(image)
  const scan = buildReferrer(sample.index.descriptor, 'application/vnd.example.scan', `scan of ${seed}`)
  const licences = buildReferrer(
    sample.index.descriptor,
    'application/vnd.example.licences',
    `licences of ${seed}`,
  )
  const children = sample.children
    .slice(0, 1)
    .map(({ descriptor }) =>
      buildReferrer(descriptor, 'application/vnd.example.scan', `scan of a child of ${seed}`),
    )
  const note = buildReferrer(scan.descriptor, 'application/vnd.example.note', `note on ${seed}`)
  for (const referrer of [scan, licences, ...children, note]) await referrer.pushTo(host, repository)
  return sample
}
