import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { startRegistry } from '../__tests__/fakes/registry-server.ts'
import { digestOf } from '../src/oci/digest.ts'
import { MEDIA_TYPES } from '../src/oci/media-types.ts'
import { newFolder } from './new-folder.ts'
import { startRealRegistry } from './real-registry.ts'
import { findOnPath, missingTools, runToolWith } from './tools.ts'

/** One request of the comparison; `location` in its path stands for the Location of the answer before it. */
interface Step {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

/** The conformance program of opencontainers/distribution-spec. */
const PROGRAM = 'oci-conformance'
const IMAGE = buildImage({ seed: 'fair' })
const MANIFEST = new Uint8Array(IMAGE.manifest.bytes)
const AS_MANIFEST = { 'content-type': MEDIA_TYPES.ociManifest }
const [TEXT, OTHER] = ['0123456789', 'something else']
const [DIGEST, ABSENT] = [digestOf(Buffer.from(TEXT)), digestOf(Buffer.from(OTHER))]
const open: Step = { method: 'POST', path: 'blobs/uploads/' }

/** What a client does with a registry, right and wrong, in one order: each step finds what those before it left. */
const STEPS: readonly Step[] = [
  { method: 'GET', path: '/v2/' },
  { method: 'GET', path: 'tags/list' },
  { method: 'HEAD', path: 'manifests/v1' },
  { method: 'GET', path: 'manifests/v1' },
  { method: 'HEAD', path: `blobs/${DIGEST}` },
  { method: 'GET', path: `blobs/${DIGEST}` },
  { method: 'GET', path: 'blobs/sha256:short' },
  open,
  { method: 'GET', path: 'location' },
  { method: 'DELETE', path: 'location' },
  open,
  { method: 'PUT', path: `location?digest=${ABSENT}`, body: TEXT },
  open,
  { method: 'PUT', path: `location?digest=${DIGEST}`, body: TEXT },
  open,
  { method: 'PATCH', path: 'location', body: TEXT.slice(0, 4), headers: { 'content-range': '0-3' } },
  { method: 'PATCH', path: 'location', body: TEXT.slice(6), headers: { 'content-range': '6-9' } },
  { method: 'PATCH', path: 'location', body: TEXT.slice(4), headers: { 'content-range': '4-9' } },
  { method: 'PUT', path: `location?digest=${DIGEST}` },
  { method: 'HEAD', path: `blobs/${DIGEST}` },
  { method: 'GET', path: `blobs/${DIGEST}` },
  { method: 'GET', path: `blobs/${DIGEST}`, headers: { range: 'bytes=4-6' } },
  { method: 'GET', path: `blobs/${DIGEST}`, headers: { range: 'bytes=4-' } },
  { method: 'GET', path: `blobs/${DIGEST}`, headers: { range: 'bytes=40-' } },
  { method: 'POST', path: `/v2/other/app/blobs/uploads/?mount=${DIGEST}&from=team/app` },
  { method: 'POST', path: `/v2/other/app/blobs/uploads/?mount=${ABSENT}&from=team/app` },
  { method: 'DELETE', path: 'location' },
  { method: 'PUT', path: 'manifests/v1', headers: AS_MANIFEST, body: MANIFEST },
  { method: 'PUT', path: 'manifests/v1', headers: AS_MANIFEST, body: '{' },
  ...IMAGE.blobs.flatMap(({ bytes, descriptor }) => [
    open,
    { method: 'PUT', path: `location?digest=${descriptor.digest}`, body: new Uint8Array(bytes) },
  ]),
  { method: 'PUT', path: `manifests/${ABSENT}`, headers: AS_MANIFEST, body: MANIFEST },
  { method: 'PUT', path: `manifests/${IMAGE.digest}`, headers: AS_MANIFEST, body: MANIFEST },
  { method: 'PUT', path: 'manifests/v1', headers: AS_MANIFEST, body: MANIFEST },
  { method: 'PUT', path: 'manifests/v2', headers: AS_MANIFEST, body: MANIFEST },
  { method: 'HEAD', path: 'manifests/v1' },
  { method: 'GET', path: 'manifests/v1' },
  { method: 'GET', path: `manifests/${IMAGE.digest}` },
  { method: 'GET', path: 'tags/list' },
  { method: 'GET', path: 'tags/list?n=1' },
  { method: 'DELETE', path: 'manifests/v2' },
  { method: 'GET', path: 'manifests/v2' },
  { method: 'GET', path: `referrers/${IMAGE.digest}` },
  { method: 'DELETE', path: `manifests/${IMAGE.digest}` },
  { method: 'GET', path: 'manifests/v1' },
  { method: 'DELETE', path: `blobs/${DIGEST}` },
  { method: 'HEAD', path: `blobs/${DIGEST}` },
]

const HEADERS = ['content-range', 'content-type', 'docker-content-digest', 'range'] as const
const DEFAULTS = { accept: MEDIA_TYPES.ociManifest, 'content-type': 'application/octet-stream' }

describe('the fake registry of the tests', () => {
  test('answers as distribution does', { skip: missingTools('registry') }, async () => {
    await using real = await startRealRegistry('distribution')
    await using fake = await startRegistry({ referrersApi: false })
    assert.deepEqual(await walk(fake.host), await walk(real.host))
  })

  test('passes the conformance program of the specification', { skip: missingProgram() }, async (context) => {
    const results = await newFolder()
    context.after(() => rm(results, { recursive: true, force: true }))
    await using fake = await startRegistry()
    await runProgram(fake.host, results)
    assert.ok(fake.requests.length > 1000, `it made ${fake.requests.length} requests only`)
  })
})

/** What a registry answers to each step, one line a step. */
async function walk(host: string): Promise<readonly string[]> {
  let location = ''
  const lines: string[] = []
  for (const { method, path, headers = {}, body } of STEPS) {
    const to = path.replace('location', location)
    // A Location may have a query of its own.
    const target =
      path.startsWith('location?') && location.includes('?') ? to.replace(/\?(digest=)/, '&$1') : to
    const url = new URL(target, `http://${host}/v2/team/app/`)
    const response = await fetch(url, {
      method,
      headers: { ...DEFAULTS, ...headers },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    location = response.headers.get('location') ?? location
    lines.push(`${method} ${path}: ${response.status} ${said(method, response, text)}`)
  }
  return lines
}

/** The part of an answer on which a client may rely: how JSON is laid out and a link is spelt is the registry's own affair. */
function said(method: string, { ok, status, headers }: Response, text: string): string {
  // A range that cannot be has no code of its own in the specification.
  if (status === 416) return ''
  if (!ok) return /"code":"(\w+)"/.exec(text)?.[1] ?? ''
  const values = HEADERS.map((name) => `${name}=${headers.get(name) ?? ''}`)
  const size = method === 'HEAD' ? `length=${headers.get('content-length')}` : text.trim()
  return [...values, headers.has('link') ? 'and more' : '', size].join(' ')
}

/** Why the program is not run: no package registry hands it out, so that it may be missing even in CI. */
function missingProgram(): string | false {
  return findOnPath(PROGRAM) === undefined
    ? `needs ${PROGRAM} on the PATH, built from opencontainers/distribution-spec, conformance/`
    : false
}

/** Runs the program with everything that can be asked of a registry; throws with what it printed when something fails. */
async function runProgram(host: string, folder: string): Promise<void> {
  const env = {
    OCI_REGISTRY: host,
    OCI_TLS: 'disabled',
    OCI_VERSION: '1.1',
    OCI_RESULTS_DIR: folder,
    OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
    OCI_API_BLOBS_DIGEST_HEADER: 'true',
    OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
  }
  await runToolWith(env, folder, PROGRAM)
}
