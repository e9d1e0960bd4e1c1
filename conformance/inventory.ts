import { attachedTag, fallbackTag, TAG_KINDS } from '../src/oci/attached-tag.ts'
import { type Digest, digestOf, parseDigest } from '../src/oci/digest.ts'
import { blobsOf, type Manifest, parseManifest } from '../src/oci/manifest.ts'
import { ACCEPTED_MANIFESTS } from '../src/oci/media-types.ts'

/**
 * What a repository holds of an image, looked up with plain requests and nothing of the program under test but its parser: one line
 * `subject kind digest` a manifest and one line `blob digest` a blob, sorted. Throws when a part is missing or has other bytes.
 */
export async function takeInventory(host: string, path: string, root: string): Promise<readonly string[]> {
  const repository = `http://${host}/v2/${path}`
  const lines = new Set<string>()
  const waiting: Digest[] = [parseDigest(root)]
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const manifest = await getManifest(repository, digest)
    if (manifest === undefined) throw new Error(`${repository} has no ${digest}`)
    for (const blob of blobsOf(manifest)) lines.add(`blob ${await checkBlob(repository, blob.digest)}`)
    const found = [...childrenOf(manifest), ...(await findAttached(repository, digest))]
    for (const [kind, part] of found) {
      const line = `${digest} ${kind} ${part}`
      if (!lines.has(line)) waiting.push(part)
      lines.add(line)
    }
  }
  return [...lines].sort()
}

type Found = readonly [kind: string, digest: Digest]

function childrenOf(manifest: Manifest): readonly Found[] {
  return manifest.kind === 'index' ? manifest.children.map(({ digest }) => ['child', digest] as const) : []
}

async function findAttached(repository: string, subject: Digest): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const kind of TAG_KINDS) {
    const tagged = await getManifest(repository, attachedTag(subject, kind))
    if (tagged) found.push([kind, tagged.descriptor.digest])
  }
  for (const list of [`referrers/${subject}`, `manifests/${fallbackTag(subject)}`]) {
    const response = await fetch(`${repository}/${list}`, {
      headers: { accept: ACCEPTED_MANIFESTS.join(', ') },
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (!response.ok) continue
    const index = parseManifest(bytes, response.headers.get('content-type') ?? '', list)
    found.push(...childrenOf(index).map(([, digest]) => ['referrer', digest] as const))
  }
  return found
}

async function getManifest(repository: string, reference: string): Promise<Manifest | undefined> {
  const where = `${repository}/manifests/${reference}`
  const response = await fetch(where, { headers: { accept: ACCEPTED_MANIFESTS.join(', ') } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`${where}: ${response.status}`)
  if (reference.includes(':') && digestOf(bytes) !== reference) throw new Error(`${where} has other bytes`)
  return parseManifest(bytes, response.headers.get('content-type') ?? '', where)
}

async function checkBlob(repository: string, digest: Digest): Promise<Digest> {
  const response = await fetch(`${repository}/blobs/${digest}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (!response.ok || digestOf(bytes) !== digest) throw new Error(`${repository} has no whole ${digest}`)
  return digest
}

/** The tags of a repository, sorted; none when there is no such repository. */
export async function listTags(host: string, path: string): Promise<readonly string[]> {
  const response = await fetch(`http://${host}/v2/${path}/tags/list`)
  if (response.status === 404) {
    await response.body?.cancel()
    return []
  }
  const list = (await response.json()) as { readonly tags: readonly string[] | null }
  return [...(list.tags ?? [])].sort()
}
