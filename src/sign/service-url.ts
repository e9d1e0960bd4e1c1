/** A service's URL as its API's paths go on behind it: without a slash at its end. */
export function withoutSlash(service: URL): string {
  return service.href.replace(/\/$/, '')
}

/** A place in a service's API; `path` begins with a slash. */
export function apiUrl(service: URL, path: string): URL {
  return new URL(`${withoutSlash(service)}${path}`)
}
