import {
  type Service,
  type ServiceConfiguration,
  ServiceSelector,
  SigningConfig,
} from '@sigstore/protobuf-specs'
import { PromotionError } from '../errors.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { readFormat } from './read-format.ts'
import type { SigningServices } from './signing-services.ts'

const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'

/** A list of services of a signing config, and how many of them are to be used. */
interface Choice {
  readonly services: readonly Service[]
  readonly configuration: ServiceConfiguration | undefined
  /** What they are, for messages. */
  readonly what: string
}

/** A signing config's name for messages, and the time at which its services have to be valid. */
interface Reading {
  readonly name: string
  readonly now: Date
}

/**
 * The services that a signing config (sigstore/protobuf-specs, sigstore_trustroot.proto, `SigningConfig`) has signers use at this time:
 * version 1 of Fulcio and of timestamp authorities, and both versions of Rekor. `name` is the file, or where the text comes from. Throws a
 * PromotionError of kind `input` when it is malformed or has too few services that are valid.
 */
export function parseSigningConfig(text: string, name: string, now: Date): SigningServices {
  const { caUrls, rekorTlogUrls, rekorTlogConfig, tsaUrls, tsaConfig } = readFormat(text, {
    mediaTypes: [MEDIA_TYPE],
    fromJSON: SigningConfig.fromJSON,
    malformed: (why, cause) => malformed(name, why, cause),
  })
  const reading = { name, now }
  const authorities = {
    services: caUrls,
    configuration: { selector: ServiceSelector.ANY, count: 0 },
    what: 'certificate authority',
  }
  const logs = { services: rekorTlogUrls, configuration: rekorTlogConfig, what: 'transparency log' }
  const timestamps = { services: tsaUrls, configuration: tsaConfig, what: 'timestamp authority' }
  // Of logs both versions: the newer one is to be used, but not every form of a signature can carry its entries.
  const rekor = { v1: select(logs, 1, reading), v2: select(logs, 2, reading) }
  requireSome(logs, [...rekor.v1, ...rekor.v2], reading)
  const [fulcio] = requireSome(authorities, select(authorities, 1, reading), reading)
  return { fulcio, rekor, timestamp: requireSome(timestamps, select(timestamps, 1, reading), reading) }
}

/** Those to use of one version; none when fewer are valid than the config wants. */
function select(
  { services, configuration, what }: Choice,
  version: number,
  reading: Reading,
): readonly URL[] {
  if (services.length === 0) return []
  const valid = onePerOperator(services.filter((service) => isUsable(service, version, reading.now)))
  const urls = valid.map(({ url }) => parseUrl(url, reading.name))
  switch (configuration?.selector) {
    case ServiceSelector.ALL:
      return urls
    case ServiceSelector.ANY:
      return urls.slice(0, 1)
    case ServiceSelector.EXACT:
      return urls.length < configuration.count ? [] : urls.slice(0, configuration.count)
    default:
      throw malformed(reading.name, `it does not say how to select a ${what}`)
  }
}

/** From its start to its end, both included. */
function isUsable({ majorApiVersion, validFor }: Service, version: number, now: Date): boolean {
  const { start, end } = validFor ?? {}
  return (
    majorApiVersion === version && start !== undefined && start <= now && (end === undefined || now <= end)
  )
}

/** Of each operator the one that started last, the newest first; of several that started together the one that is listed first. */
function onePerOperator(services: readonly Service[]): readonly Service[] {
  const newestFirst = services.toSorted((one, other) => startOf(other) - startOf(one))
  return newestFirst.filter(
    ({ operator }, index) => newestFirst.findIndex((service) => service.operator === operator) === index,
  )
}

function startOf({ validFor }: Service): number {
  return validFor?.start?.getTime() ?? 0
}

/** What was selected; throws when nothing was though something is listed. */
function requireSome(
  { services, what }: Choice,
  selected: readonly URL[],
  { name, now }: Reading,
): readonly URL[] {
  if (services.length === 0 || selected.length > 0) return selected
  throw new PromotionError(
    'input',
    `The signing config ${name} names too few services of the kind "${what}" that are valid at ${now.toISOString()} and speak a known version`,
    { hint: 'Get the signing config anew, and check the clock of this machine.' },
  )
}

function parseUrl(text: string, name: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw malformed(name, `${quoteValue(text)} is not a URL`)
}

function malformed(name: string, why: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `The signing config ${name} cannot be used: ${why}`, {
    cause,
    hint: 'Give a signing config of version 0.2, as cosign signing-config create writes it.',
  })
}
