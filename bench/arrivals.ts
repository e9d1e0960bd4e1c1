import pMap from 'p-map'
import { fallbackTag } from '../src/oci/attached-tag.ts'
import { ACCEPTED_MANIFESTS } from '../src/oci/media-types.ts'
import { nameOf, type Place } from './samples/layout.ts'
import type { SampleImage } from './samples/sample-image.ts'

/** How much of what the source has is at the target. */
export interface Arrivals {
  readonly images: Share
  readonly sig: Share
  readonly att: Share
  readonly referrers: Share
}

export interface Share {
  readonly arrived: number
  readonly expected: number
}

const AT_A_TIME = 16

/** Looks for every image, tag and listed referrer at a target, with plain requests that no relay counts. */
export async function countArrivals(images: readonly SampleImage[], place: Place): Promise<Arrivals> {
  const found = await pMap(images, (sample) => findSample(sample, place), { concurrency: AT_A_TIME })
  const share = (part: keyof Arrivals): Share => {
    const answers = found.flatMap((answer) => answer[part])
    return { arrived: answers.filter(Boolean).length, expected: answers.length }
  }
  return { images: share('images'), sig: share('sig'), att: share('att'), referrers: share('referrers') }
}

/** The arrivals in several targets as if they were one. */
export function addArrivals(parts: readonly Arrivals[]): Arrivals {
  const share = (name: keyof Arrivals): Share => ({
    arrived: parts.reduce((sum, part) => sum + part[name].arrived, 0),
    expected: parts.reduce((sum, part) => sum + part[name].expected, 0),
  })
  return { images: share('images'), sig: share('sig'), att: share('att'), referrers: share('referrers') }
}

/** Whether nothing is missing. */
export function isComplete(arrivals: Arrivals): boolean {
  return Object.values(arrivals).every(({ arrived, expected }: Share) => arrived === expected)
}

type Found = Readonly<Record<keyof Arrivals, readonly boolean[]>>

async function findSample(sample: SampleImage, place: Place): Promise<Found> {
  const { image, attached } = sample
  const name = nameOf(place, sample)
  const tagged = (suffix: string) =>
    Promise.all(
      attached
        .filter(({ attachedTag }) => attachedTag?.endsWith(suffix))
        .map(async (artifact) => (await digestAt(name, artifact.attachedTag ?? '')) === artifact.digest),
    )
  const referring = attached.filter(({ attachedTag }) => attachedTag === undefined)
  const listed = referring.length === 0 ? '' : await referrersText(name, image.digest)
  return {
    images: [(await digestAt(name, image.digest)) === image.digest],
    sig: await tagged('.sig'),
    att: await tagged('.att'),
    referrers: await Promise.all(
      referring.map(
        async ({ digest }) => listed.includes(digest) && (await digestAt(name, digest)) === digest,
      ),
    ),
  }
}

async function digestAt(name: string, reference: string): Promise<string | null> {
  const url = `${apiOf(name)}/manifests/${reference}`
  const { ok, headers } = await fetch(url, {
    method: 'HEAD',
    headers: { accept: ACCEPTED_MANIFESTS.join(', ') },
  })
  return ok ? headers.get('docker-content-digest') : null
}

/** What lists the referrers of a digest, by the API and by the fallback tag, as text. */
async function referrersText(name: string, subject: SampleImage['image']['digest']): Promise<string> {
  const headers = { accept: ACCEPTED_MANIFESTS.join(', ') }
  const paths = [`referrers/${subject}`, `manifests/${fallbackTag(subject)}`]
  const answers = await Promise.all(paths.map((path) => fetch(`${apiOf(name)}/${path}`, { headers })))
  const texts = await Promise.all(answers.map(async (answer) => (answer.ok ? answer.text() : '')))
  return texts.join('\n')
}

function apiOf(name: string): string {
  return `http://${name.replace('/', '/v2/')}`
}
