import { gzipSync } from 'node:zlib'
import { digestOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { type Answer, errorAnswer, type ReceivedRequest } from './registry-exchange.ts'
import {
  bothRefuse,
  isBlobGet,
  isManifestGet,
  isManifestPut,
  isManifestRead,
  isRead,
  isUploadPut,
  type Match,
  type NamedFault,
  referenceIn,
  spoil,
  withHeaders,
} from './registry-named-fault.ts'
import type { RegistryServer } from './registry-server.ts'

const OTHER = digestOf('something else')
const HUGE = 300 * 1024 * 1024
const MEBIBYTE = 1024 * 1024

/** Registries that give back something else than what was stored, or say that they stored what they did not. */
export const LIES: readonly NamedFault[] = [
  wrongBytes('short layer under a length that agrees', (bytes) => bytes.subarray(0, bytes.byteLength >> 1)),
  wrongBytes('one byte of a layer flipped', flipped),
  {
    name: 'altered config',
    side: 'read',
    mark: 'lie',
    ...bothRefuse(/bytes of the digest [0-9a-f]{64} for sha256:/),
    arrange: (registry, spared) =>
      spoil(
        registry,
        (request) => isBlobGet(request) && !spared.has(referenceIn(request)),
        (answer) => (isConfig(answer) ? altered(answer) : undefined),
      ),
  },
  {
    name: 'altered manifest',
    side: 'read',
    mark: 'lie',
    ...bothRefuse(/(has|with) the digest sha256:[0-9a-f]{64} (instead of|for) sha256:/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isManifestGet), (answer) => {
        const manifest = { ...JSON.parse(answer.body.toString()), annotations: { altered: 'yes' } }
        return { ...answer, body: Buffer.from(JSON.stringify(manifest)) }
      }),
  },
  {
    name: 'wrong Docker-Content-Digest',
    side: 'read',
    mark: 'lie',
    ...bothRefuse(new RegExp(`200 with the digest ${OTHER} for sha256:`)),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isManifestRead), (answer) =>
        withHeaders(answer, { 'docker-content-digest': OTHER }),
      ),
  },
  {
    name: '201, but the blob is lost',
    side: 'write',
    mark: 'lie',
    target: { refuses: /blob sha256:[0-9a-f]{64}|blobs\/sha256:[0-9a-f]{64} answered 404/ },
    arrange: (registry) => lose(registry, isUploadPut, ({ query }) => query.get('digest') ?? ''),
  },
  {
    name: '201, but the manifest is lost',
    side: 'write',
    mark: 'lie',
    target: {
      refuses:
        /sha256:[0-9a-f]{64} (and does not give it back|is not there \(404\), though the registry took it)/,
    },
    arrange: (registry) =>
      lose(registry, (request) => isManifestPut(request) && referenceIn(request).includes(':'), referenceIn),
  },
  {
    name: 'wrong digest in the answer to a PUT',
    side: 'write',
    mark: 'lie',
    target: { refuses: new RegExp(`201 with the digest ${OTHER} for sha256:`) },
    arrange: (registry) =>
      spoil(
        registry,
        ({ method }) => method === 'PUT',
        (answer) => withHeaders(answer, { 'docker-content-digest': OTHER }),
      ),
  },
  {
    name: '201, but the tag stays where it was',
    side: 'write',
    target: { refuses: /was moved to sha256:[0-9a-f]{64}, but points at/ },
    arrange: (registry) => {
      let met = 0
      const isTagPut: Match = (request) => isManifestPut(request) && /^v\d/.test(referenceIn(request))
      registry.fault(isTagPut, Number.POSITIVE_INFINITY, () => {
        met += 1
        return { status: 201, headers: { location: '/v2/' }, body: Buffer.alloc(0) }
      })
      return () => met
    },
  },
  {
    name: 'extra bytes behind a blob',
    side: 'read',
    ...bothRefuse(/200 with more than the \d+ bytes/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isBlobGet), (answer) => ({
        ...answer,
        body: Buffer.concat([answer.body, Buffer.from('extra')]),
      })),
  },
  {
    name: 'gzip Content-Encoding that was not asked for',
    side: 'read',
    ...bothRefuse(/sha256:[0-9a-f]{64}/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isBlobGet), (answer) => ({
        ...withHeaders(answer, { 'content-encoding': 'gzip' }),
        body: gzipSync(answer.body),
      })),
  },
  {
    name: 'Content-Type of an index on an image',
    side: 'read',
    ...bothRefuse(/was announced as application\/vnd\.oci\.image\.index/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isManifestRead), (answer) =>
        withHeaders(answer, { 'content-type': MEDIA_TYPES.ociIndex }),
      ),
  },
  {
    name: 'broken JSON for a manifest',
    side: 'read',
    ...bothRefuse(/manifest .* is not JSON/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isManifestGet), ({ headers, ...answer }) => {
        // Next to the digest of the whole it would be bytes that were changed on the way.
        const { 'docker-content-digest': _, ...others } = headers ?? {}
        return { ...answer, headers: others, body: answer.body.subarray(0, answer.body.byteLength >> 1) }
      }),
  },
  {
    name: '300 MB manifest',
    side: 'read',
    ...bothRefuse(/200 with more than the 4194304 bytes that are read/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isManifestGet), (answer) => ({
        ...withHeaders(answer, { 'content-length': String(HUGE) }),
        stream: zeroes,
      })),
  },
]

function wrongBytes(name: string, change: (bytes: Buffer) => Buffer): NamedFault {
  return {
    name,
    side: 'read',
    mark: 'lie',
    ...bothRefuse(/200 with (\d+ bytes instead of the \d+ of|bytes of the digest [0-9a-f]{64} for) sha256:/),
    arrange: (registry, spared) =>
      spoil(registry, not(spared, isBlobGet), (answer) =>
        isLayer(answer) ? { ...answer, body: change(answer.body) } : undefined,
      ),
  }
}

function not(spared: ReadonlySet<string>, match: Match): Match {
  return (request) => match(request) && !spared.has(referenceIn(request))
}

/** Takes the first thing that is written for good, accepts all that needs it, and does not give it back. */
function lose(registry: RegistryServer, isWrite: Match, digestIn: (request: ReceivedRequest) => string) {
  let lost: string | undefined
  const concerns: Match = (request) => isWrite(request) || isRead(request)
  registry.fault(concerns, Number.POSITIVE_INFINITY, (request, proceed) => {
    const answer = proceed()
    if (isWrite(request) && answer.status === 201) lost ??= digestIn(request)
    const isLost = lost !== undefined && isRead(request) && answer.status < 300
    const named = isLost && [referenceIn(request), answer.headers['docker-content-digest']].includes(lost)
    return named ? errorAnswer(404, 'MANIFEST_UNKNOWN', `unknown: ${lost}`) : answer
  })
  return () => (lost === undefined ? 0 : 1)
}

/** By its own content: a blob can be read before the manifest that says what it is. */
function isConfig({ body }: Answer): boolean {
  return body.includes('"rootfs":')
}

/** Of an image: configs, signatures and SBOMs are JSON, and are read for other reasons than to prove that they arrived. */
function isLayer({ body }: Answer): boolean {
  return !body.subarray(0, 1).equals(Buffer.from('{'))
}

/** A letter changed for the next one, so that it is JSON of the same length; an empty object stays as it is. */
function altered(answer: Answer): Answer | undefined {
  const text = answer.body.toString()
  const other = text.replace(/[a-y]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1))
  return other === text ? undefined : { ...answer, body: Buffer.from(other) }
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.byteLength >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

async function* zeroes(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(MEBIBYTE)
  for (let sent = 0; sent < HUGE; sent += MEBIBYTE) yield chunk
}
