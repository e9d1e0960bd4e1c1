import { buildAttestation, buildReferrer } from '../../__tests__/builders/build-attached.ts'
import { buildImage } from '../../__tests__/builders/build-image.ts'
import { buildIndex } from '../../__tests__/builders/build-index.ts'
import { buildKeys } from '../../__tests__/builders/build-keys.ts'
import type { LockEntry } from '../../__tests__/builders/build-lock.ts'
import type { BuiltArtifact } from '../../__tests__/builders/built-artifact.ts'

const SBOM = JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'worker' })

/** Pushes an index for two platforms, an image with an attestation, and one with an SBOM as a referrer; returns their lock entries. */
export async function pushSampleImages(host: string): Promise<readonly [LockEntry, LockEntry, LockEntry]> {
  const web = buildIndex(
    ['amd64', 'arm64'].map((architecture) =>
      buildImage({ seed: 'web', platform: { os: 'linux', architecture } }),
    ),
  )
  const api = buildImage({ seed: 'api' })
  const worker = buildImage({ seed: 'worker' })
  const entries = [
    await push(host, 'shop/web', web),
    await push(host, 'shop/api', api),
    await push(host, 'shop/worker', worker),
  ] as const
  await buildAttestation(api.descriptor, buildKeys('ec'), 'https://slsa.dev/provenance/v1').pushTo(
    host,
    'shop/api',
  )
  await buildReferrer(worker.descriptor, 'application/spdx+json', SBOM).pushTo(host, 'shop/worker')
  return entries
}

async function push(host: string, repository: string, image: BuiltArtifact): Promise<LockEntry> {
  await image.pushTo(host, repository, 'latest')
  return {
    image: `${host}/${repository}@${image.digest}`,
    annotations: { 'kbld.carvel.dev/id': `${host}/${repository}:latest` },
  }
}
