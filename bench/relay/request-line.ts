const LONGEST_LINE = 2048
const REQUEST_LINE = /^(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+)/

/** Which part of the registry's API a path belongs to, most special first (OCI distribution specification, "Endpoints"). */
const KINDS: readonly (readonly [kind: string, path: RegExp])[] = [
  ['upload', /^\/v2\/.+\/blobs\/uploads\//],
  ['blob', /^\/v2\/.+\/blobs\//],
  ['attached tag', /^\/v2\/.+\/manifests\/sha256-[a-f0-9]{64}\.(?:sig|att|sbom)$/],
  ['fallback tag', /^\/v2\/.+\/manifests\/sha256-[a-f0-9]{64}$/],
  ['manifest', /^\/v2\/.+\/manifests\//],
  ['tag list', /^\/v2\/.+\/tags\/list$/],
  ['referrers', /^\/v2\/.+\/referrers\//],
  ['ping', /^\/v2\/?$/],
]

/** `METHOD kind` of the request that these bytes begin, such as `HEAD blob`; `undefined` when they begin none. */
export function readRequestLine(bytes: Buffer): string | undefined {
  const [, method, target] = REQUEST_LINE.exec(bytes.toString('latin1', 0, LONGEST_LINE)) ?? []
  if (method === undefined || target === undefined) return undefined
  const [path = ''] = target.split('?')
  const kind = KINDS.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other'
  return `${method} ${kind}`
}

/** The status of the answer that these bytes begin, or `?`. */
export function readStatus(bytes: Buffer): string {
  return /^HTTP\/1\.[01] (\d{3})/.exec(bytes.toString('latin1', 0, 16))?.[1] ?? '?'
}
