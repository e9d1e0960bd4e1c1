import { isAbsolute, resolve } from 'node:path'
import type { FileLocation } from '../errors.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { readCertificateMatch } from '../policy/certificate-match.ts'
import type { ImageProof, ImageTerms } from '../sources/source.ts'
import type { YamlReader } from '../yaml/yaml-reader.ts'
import { quoteWritten, type Reading, readText } from './read-value.ts'
import { type FieldValue, lastValue, type Service } from './service.ts'

const SIGN = 'x-nerdctl-sign'
const VERIFY = 'x-nerdctl-verify'
const COSIGN = 'x-nerdctl-cosign-'
const PRIVATE_KEY = `${COSIGN}private-key`
const PUBLIC_KEY = `${COSIGN}public-key`
const CERTIFICATE = [
  `${COSIGN}certificate-identity`,
  `${COSIGN}certificate-identity-regexp`,
  `${COSIGN}certificate-oidc-issuer`,
  `${COSIGN}certificate-oidc-issuer-regexp`,
]
const TERMS = [SIGN, VERIFY, PRIVATE_KEY, PUBLIC_KEY, ...CERTIFICATE]
/** What is no path: a variable of the environment, a KMS, a token. */
const NO_PATH = /^(?:[a-z][a-z0-9+.-]*:\/\/|pkcs11:)/i

/** Whether a key is one of nerdctl's that say who signs an image and who must have signed it. */
export function isTerm(key: string): boolean {
  return TERMS.includes(key)
}

/** Notes a key that looks like one of nerdctl's and is none. */
export function refuseUnknownTerm(key: string, location: FileLocation, { problems }: YamlReader): void {
  if (isTerm(key) || !/^x-nerdctl/i.test(key)) return
  problems.add(location, `nerdctl knows no ${quoteValue(key)}`, `Use ${TERMS.join(', ')}.`)
}

/** What a service says, and the folder at which a relative path of a key starts that it has. */
export interface ServedTerms {
  readonly terms: ImageTerms
  readonly keysFrom: string | undefined
}

/**
 * What a service says about signing and verifying, by nerdctl's names and with its meaning (nerdctl, "Container Image Sign and Verify with
 * cosign tool"): signed without a key is signed keyless. What is not said is left out. What is wrong is noted.
 */
export function readTerms(service: Service, reading: Reading): ServedTerms {
  const terms = new ServiceTerms(service, reading)
  const sign = terms.tool(SIGN, [PRIVATE_KEY])
  const verify = terms.tool(VERIFY, [PUBLIC_KEY, ...CERTIFICATE])
  const proof = verify === 'cosign' ? terms.proof() : verify && ({ by: 'nobody' } as const)
  const key = sign === 'cosign' ? terms.key(PRIVATE_KEY) : undefined
  const signer = key === undefined ? ({ by: 'keyless' } as const) : ({ by: 'key', key } as const)
  const said = {
    ...(sign !== undefined && { sign: sign === 'cosign' ? signer : ({ by: 'nobody' } as const) }),
    ...(proof !== undefined && { verify: proof }),
  }
  return { terms: said, keysFrom: terms.keysFrom }
}

/** The fields of one service as texts. */
class ServiceTerms {
  readonly #texts = new Map<string, { readonly text: string; readonly value: FieldValue }>()
  readonly #service: Service
  readonly #reading: Reading
  #keysFrom: string | undefined

  constructor(service: Service, reading: Reading) {
    this.#service = service
    this.#reading = reading
    for (const key of TERMS) {
      const value = lastValue(service, key)
      if (value === undefined) continue
      const text = readText(value.node, value.origin, `"${key}"`, reading)
      if (text !== undefined) this.#texts.set(key, { text, value })
    }
  }

  get keysFrom(): string | undefined {
    return this.#keysFrom
  }

  /** What a field says is to be used; the others say nothing unless it is cosign. */
  tool(key: string, others: readonly string[]): 'cosign' | 'none' | undefined {
    const text = this.#text(key)
    if (text === 'cosign' || text === 'none') return text
    if (text === '') return 'none'
    if (text === undefined) {
      const idle = others.find((other) => this.#texts.has(other))
      if (idle === undefined) return undefined
      this.#refuse(
        idle,
        `"${idle}" says nothing without "${key}"`,
        `Write "${key}: cosign" too, or "${key}: none".`,
      )
    } else if (text === 'notation') {
      this.#refuse(
        key,
        `"${key}" is notation, and only cosign's signatures are made and verified`,
        'Write cosign or none.',
      )
    } else {
      this.#refuse(
        key,
        `"${key}" is ${this.#quote(key)}, which nerdctl does not know`,
        'Write cosign or none.',
      )
    }
    return undefined
  }

  /** A key as the inputs take it; a relative path starts at the compose file's folder. */
  key(key: string): string | undefined {
    const found = this.#texts.get(key)
    if (found === undefined) return undefined
    const { text, value } = found
    if (text !== '') {
      if (NO_PATH.test(text)) return text
      if (!isAbsolute(text)) this.#keysFrom = value.origin.folder
      return resolve(value.origin.folder, text)
    }
    // For nerdctl an empty key is none: it would go keyless, and enter an identity into the public log.
    this.#refuse(key, `"${key}" is empty`, 'Name a key, or leave the line out to go keyless.')
    return undefined
  }

  proof(): ImageProof | undefined {
    const certificate = CERTIFICATE.find((key) => this.#texts.has(key))
    if (!this.#texts.has(PUBLIC_KEY)) return this.#readCertificate(certificate)
    if (certificate !== undefined) {
      const hint = 'Keep the key, or what the certificate must say.'
      this.#refuse(certificate, `"${certificate}" and "${PUBLIC_KEY}" are both given`, hint)
    }
    const publicKey = this.key(PUBLIC_KEY)
    return publicKey === undefined ? undefined : { by: 'key', publicKey }
  }

  #readCertificate(given: string | undefined): ImageProof | undefined {
    if (given === undefined) {
      const hint = `Add "${PUBLIC_KEY}", or "${CERTIFICATE[0]}" and "${CERTIFICATE[2]}".`
      this.#refuse(VERIFY, `"${VERIFY}" is cosign, and nothing says who must have signed`, hint)
      return undefined
    }
    const match = readCertificateMatch({
      text: (field) => this.#text(`${COSIGN}${field}`),
      refuse: (field, error) => {
        const location = this.#texts.get(`${COSIGN}${field}`)?.value.node.location
        this.#reading.reader.problems.note(error.locatedAt(location))
      },
    })
    return match && { by: 'certificate', identity: match.identity, issuer: match.issuer }
  }

  #quote(key: string): string {
    const node = this.#texts.get(key)?.value.node
    return node === undefined ? 'nothing' : quoteWritten(node)
  }

  #text(key: string): string | undefined {
    return this.#texts.get(key)?.text
  }

  #refuse(key: string, message: string, hint: string): void {
    const location = this.#texts.get(key)?.value.location ?? this.#service.location
    this.#reading.reader.problems.add(location, `The service "${this.#service.name}": ${message}`, hint)
  }
}
