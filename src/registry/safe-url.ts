import { isIP } from 'node:net'
import { RegistryError } from './registry-error.ts'

const LINK_LOCAL = /^(?:169\.254\.|fe[89ab][0-9a-f]:)/i
const PRIVATE = /^(?:0\.|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/i

/**
 * Throws a RegistryError when a registry must not send us from one URL to another: from https to http, to another scheme, to a URL
 * that carries credentials, to a link-local address, or from a public host to a private address (request forgery).
 */
export function mayFollow(method: string, from: URL, to: URL): void {
  const problem = whyNot(from, to)
  if (problem === undefined) return
  throw new RegistryError({
    method,
    url: from,
    problem: `it points to ${to.protocol}//${to.host}, ${problem}`,
    hint: 'Nothing was sent there; if the registry is yours, mend the external URL in its configuration.',
  })
}

/** The host is written as an address of this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function whyNot(from: URL, to: URL): string | undefined {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return 'which is neither http nor https'
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'which would give up encryption'
  if (to.username !== '' || to.password !== '') return 'with credentials in the URL'
  if (to.hostname === from.hostname) return undefined
  const address = addressOf(to)
  if (LINK_LOCAL.test(address)) return 'a link-local address'
  const isPrivate = PRIVATE.test(address) || isLoopbackHost(to.hostname)
  const fromPrivate = PRIVATE.test(addressOf(from)) || isLoopbackHost(from.hostname)
  return isPrivate && !fromPrivate ? 'a private address on another host' : undefined
}

/** The literal address that a URL names, or an empty text for a name. */
function addressOf(url: URL): string {
  const bare = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) > 0 ? bare : ''
}
