import { PromotionError } from '../errors.ts'
import { maskCredentials } from '../oci/mask-credentials.ts'
import { hostIn, parseRepositoryName } from '../oci/reference.ts'
import type { InputReader } from './input-reader.ts'
import { Secret } from './secret.ts'
import type { RegistryCredentials, RegistrySettings } from './settings.ts'
import { splitLogin } from './split-login.ts'

const CREDENTIALS_HINT =
  'Write each line of `registries`, in a terminal of SIGNED_PROMOTE_REGISTRIES, as: host[/path] username password.'

/** Reads `registries` and `insecure-registries`. Problems name the line of a credential by its number and never quote it. */
export function parseRegistrySettings(inputs: InputReader): RegistrySettings {
  return { credentials: parseCredentials(inputs), insecure: parseInsecureHosts(inputs) }
}

function parseCredentials(inputs: InputReader): readonly RegistryCredentials[] {
  const found = new Map<string, { readonly number: number; readonly entry: RegistryCredentials }>()
  for (const { number, line } of inputs.numberedLines('registries')) {
    const login = splitLogin(line)
    const prefix = normalisePrefix(login?.place ?? '')
    const earlier = prefix === undefined ? undefined : found.get(prefix)
    // Basic auth has no way to write a colon in a user name (RFC 7617, section 2).
    if (login === undefined || login.username.includes(':')) {
      inputs.problem(
        `Line ${number} of \`registries\` does not hold a host, a username and a password`,
        CREDENTIALS_HINT,
      )
    } else if (prefix === undefined) {
      inputs.problem(`Line ${number} of \`registries\` does not begin with a registry host`, CREDENTIALS_HINT)
    } else if (earlier !== undefined) {
      const message = `Line ${number} of \`registries\` is for the same place as line ${earlier.number}`
      inputs.problem(message, 'Keep one of the two, or add a path to tell them apart.')
    } else {
      const { username, password } = login
      found.set(prefix, { number, entry: { prefix, username, password: new Secret(password) } })
    }
  }
  return [...found.values()].map(({ entry }) => entry)
}

function parseInsecureHosts(inputs: InputReader): readonly string[] {
  const hosts = new Set<string>()
  for (const line of inputs.lines('insecure-registries')) {
    const prefix = normalisePrefix(line)
    if (prefix === undefined || prefix.includes('/')) {
      inputs.problem(
        `"${maskCredentials(line)}" in \`insecure-registries\` is not a registry host`,
        'Write host or host:port.',
      )
    } else {
      hosts.add(prefix)
    }
  }
  return [...hosts]
}

/** `host` or `host/path` with the host as references have it; `undefined` when it is neither: the reason could quote a password. */
function normalisePrefix(text: string): string | undefined {
  const [host = '', ...path] = text.split('/')
  if (hostIn(`${host}/`) === undefined) return undefined
  try {
    const { registry, path: checked } = parseRepositoryName(`${[host, ...path].join('/')}/any`)
    return path.length === 0 ? registry : `${registry}/${checked.slice(0, -'/any'.length)}`
  } catch (error) {
    if (!(error instanceof PromotionError)) throw error
    return undefined
  }
}
