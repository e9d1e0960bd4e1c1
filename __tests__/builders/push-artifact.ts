import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Digest } from '../../src/oci/digest.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { type BuiltArtifact, type BuiltBlob, listAlso } from './built-artifact.ts'

/** Pushes blobs, then manifests, then the tag to `http://host/v2/repository`; throws on any answer but the expected one. */
export async function pushArtifact(
  artifact: BuiltArtifact,
  repository: string,
  tag: string | undefined,
): Promise<void> {
  for (const blob of artifact.blobs) await pushBlob(repository, blob)
  for (const manifest of artifact.manifests) {
    await pushManifest(repository, manifest, manifest.descriptor.digest)
    if (manifest.subject) await listReferrer(repository, manifest, manifest.subject.digest)
  }
  if (tag !== undefined) await pushManifest(repository, artifact.manifest, tag)
}

async function pushBlob(repository: string, { descriptor, bytes }: BuiltBlob): Promise<void> {
  const known = await fetch(`${repository}/blobs/${descriptor.digest}`, { method: 'HEAD' })
  if (known.ok) return
  const begun = await request(`${repository}/blobs/uploads/`, { method: 'POST' }, 202)
  const location = new URL(begun.headers.get('location') ?? '', begun.url)
  location.searchParams.set('digest', descriptor.digest)
  const headers = { 'content-type': 'application/octet-stream' }
  await request(location.href, { method: 'PUT', headers, body: Uint8Array.from(bytes) }, 201)
}

async function pushManifest(repository: string, manifest: Manifest, reference: string): Promise<void> {
  const headers = { 'content-type': manifest.descriptor.mediaType }
  const body = Uint8Array.from(manifest.bytes)
  await request(`${repository}/manifests/${reference}`, { method: 'PUT', headers, body }, 201)
}

/** Where the registry does not list the referrer by itself, adds it to the fallback tag (OCI distribution specification, "Pushing Manifests with Subject"). */
async function listReferrer(repository: string, referrer: Manifest, subject: Digest): Promise<void> {
  const listed = await fetch(`${repository}/referrers/${subject}`)
  const text = await listed.text()
  if (listed.status === 200 && text.includes(referrer.descriptor.digest)) return
  const tag = fallbackTag(subject)
  const current = await fetch(`${repository}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.oci.image.index.v1+json' },
  })
  const bytes = new Uint8Array(await current.arrayBuffer())
  await pushManifest(repository, listAlso(current.ok ? bytes : undefined, referrer), tag)
}

async function request(url: string, init: RequestInit, expected: number): Promise<Response> {
  const response = await fetch(url, init)
  if (response.status === expected) {
    await response.body?.cancel()
    return response
  }
  throw new Error(`${init.method} ${url}: ${response.status} ${await response.text()}`)
}
