import { BlockList, isIP } from 'node:net'
import { isLoopbackHost } from './loopback.ts'
import { RegistryError } from './registry-error.ts'

/** The prefix under which a NAT64 gateway is reached for any IPv4 address (RFC 6052, section 2.1). */
const NAT64 = '64:ff9b::'
const NAT64_BITS = 96
const LINK_LOCAL = blockList('169.254.0.0/16', 'fe80::/10')
const PRIVATE = blockList(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '::/127',
  '2002::/16',
  'fc00::/7',
)

/** One step from the URL that was asked to the one that its answer names. */
export interface Step {
  readonly method: string
  readonly from: URL
  readonly to: URL
  /** Hosts, besides loopback, to which plain HTTP may be spoken. */
  readonly insecure?: readonly string[]
}

/**
 * Throws a RegistryError when a registry must not send us from one URL to another: from https to http, over plain http to a host that
 * was not named for it, to another scheme, to a URL that carries credentials, to a link-local address, or from a public host to a
 * private address (request forgery).
 */
export function mayFollow(step: Step): void {
  const { method, from, to } = step
  const problem = whyNot(step)
  if (problem === undefined) return
  throw new RegistryError({
    method,
    url: from,
    problem: `it points to ${to.protocol}//${to.host}, ${problem}`,
    hint: 'Nothing was sent there; if the registry is yours, mend the external URL in its configuration.',
  })
}

function whyNot({ from, to, insecure = [] }: Step): string | undefined {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return 'which is neither http nor https'
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'which would give up encryption'
  if (to.username !== '' || to.password !== '') return 'with credentials in the URL'
  if (to.hostname === from.hostname) return undefined
  if (isIn(LINK_LOCAL, to)) return 'a link-local address'
  if (isPrivate(to) && !isPrivate(from)) return 'a private address on another host'
  const mayBePlain = to.protocol === 'https:' || isLoopbackHost(to.hostname) || insecure.includes(to.host)
  return mayBePlain ? undefined : 'which is plain http to a host that insecure-registries does not name'
}

function isPrivate(url: URL): boolean {
  const name = url.hostname.replace(/\.$/, '')
  return isIn(PRIVATE, url) || isLoopbackHost(name) || name.endsWith('.localhost')
}

/** Names are not looked up: what counts is the literal address, IPv4 inside IPv6 included (mapped, or for NAT64). */
function isIn(list: BlockList, { hostname }: URL): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(bare)
  return version > 0 && list.check(bare, version === 4 ? 'ipv4' : 'ipv6')
}

function blockList(...subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    const isIPv4 = isIP(address) === 4
    list.addSubnet(address, Number(bits), isIPv4 ? 'ipv4' : 'ipv6')
    if (isIPv4) list.addSubnet(`${NAT64}${address}`, NAT64_BITS + Number(bits), 'ipv6')
  }
  return list
}
