import pMap from 'p-map'
import { type Place, repositoryOf } from './layout.ts'
import type { SampleImage } from './sample-image.ts'

const AT_A_TIME = 8

/** Pushes images with everything on them straight to a registry, their tags included; throws on the first refusal. */
export async function pushSamples(images: readonly SampleImage[], place: Place): Promise<void> {
  const [first, ...others] = images
  if (first === undefined) return
  // The first brings the layers that all share: at the same time, each would send them.
  await pushSample(first, place)
  const shared = new Set(first.image.blobs.map(({ descriptor }) => descriptor.digest))
  const pushOther = async (sample: SampleImage) => {
    const known = sample.image.blobs.map(({ descriptor }) => descriptor.digest)
    if (place.spread)
      await mountBlobs(
        known.filter((digest) => shared.has(digest)),
        first,
        sample,
        place,
      )
    await pushSample(sample, place)
  }
  await pMap(others, pushOther, { concurrency: AT_A_TIME })
}

async function pushSample(sample: SampleImage, place: Place): Promise<void> {
  const { image, attached, tag } = sample
  const repository = repositoryOf(place, sample)
  await image.pushTo(place.host, repository, tag)
  for (const artifact of attached) await artifact.pushTo(place.host, repository)
}

async function mountBlobs(
  digests: readonly string[],
  from: SampleImage,
  to: SampleImage,
  place: Place,
): Promise<void> {
  const uploads = `http://${place.host}/v2/${repositoryOf(place, to)}/blobs/uploads/`
  for (const mount of new Set(digests)) {
    const query = new URLSearchParams({ mount, from: repositoryOf(place, from) })
    const { status } = await fetch(`${uploads}?${query}`, { method: 'POST' })
    if (status !== 201) throw new Error(`${uploads} answered ${status} to the mount of ${mount}`)
  }
}
