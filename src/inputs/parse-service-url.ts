import { isLoopbackHost } from '../registry/loopback.ts'
import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'

/**
 * Reads the URL of a service: https, or http to loopback and to the hosts in `insecure`. What else it is gets noted, and never quoted
 * when it could hold a password.
 */
export function parseServiceUrl(
  inputs: InputReader,
  name: InputName,
  insecure: readonly string[],
): string | undefined {
  const text = inputs.optional(name)
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    inputs.problem(`\`${name}\` is not a URL of https`, 'Write it in full, with https:// and the host.')
  } else if (url.username !== '' || url.password !== '') {
    inputs.problem(`\`${name}\` holds a user or a password`, 'Leave them out: the URL is shown in logs.')
  } else if (url.search !== '' || url.hash !== '') {
    const hint = 'Leave out what begins with "?" or "#": paths are put behind the URL.'
    inputs.problem(`\`${name}\` holds a query or a fragment`, hint)
  } else if (url.protocol === 'http:' && !isLoopbackHost(url.hostname) && !insecure.includes(url.host)) {
    const hint = `Use https, or add ${url.host} to \`insecure-registries\`.`
    inputs.problem(`\`${name}\` is a URL of plain http to ${url.host}`, hint)
  }
  return text
}
