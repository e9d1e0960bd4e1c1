import { createPublicKey, X509Certificate } from 'node:crypto'
import {
  type CertificateAuthority,
  PublicKeyDetails,
  type TransparencyLogInstance,
  TrustedRoot,
} from '@sigstore/protobuf-specs'
import { PromotionError } from '../errors.ts'
import { readFormat } from './read-format.ts'

/** How each version is written, the first one in two ways. */
const MEDIA_TYPES: readonly string[] = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]

/** Keys in PKCS 1 and not in SPKI form (sigstore/protobuf-specs, sigstore_common.proto, PublicKeyDetails). */
const PKCS1: readonly PublicKeyDetails[] = [
  PublicKeyDetails.PKCS1_RSA_PKCS1V5,
  PublicKeyDetails.PKIX_RSA_PKCS1V5,
  PublicKeyDetails.PKIX_RSA_PKCS1V15_2048_SHA256,
  PublicKeyDetails.PKIX_RSA_PKCS1V15_3072_SHA256,
  PublicKeyDetails.PKIX_RSA_PKCS1V15_4096_SHA256,
]

/**
 * Reads a trusted root (sigstore/protobuf-specs, sigstore_trustroot.proto): the authorities and logs whose word counts. Everything in it
 * has to be usable, so that no signature is refused later for what is wrong here. Throws a PromotionError of kind `input` that names it by
 * `name`, its file or where it comes from.
 */
export function parseTrustedRoot(text: string, name: string): TrustedRoot {
  const root = readFormat(text, {
    mediaTypes: MEDIA_TYPES,
    fromJSON: TrustedRoot.fromJSON,
    malformed: (why, cause) => malformed(name, why, cause),
  })
  const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = root
  if (tlogs.length + ctlogs.length + certificateAuthorities.length + timestampAuthorities.length === 0) {
    throw malformed(name, 'it names neither a log nor an authority')
  }
  const problem =
    firstProblem('tlogs', tlogs, problemOfLog) ??
    firstProblem('ctlogs', ctlogs, problemOfLog) ??
    firstProblem('certificateAuthorities', certificateAuthorities, problemOfAuthority) ??
    firstProblem('timestampAuthorities', timestampAuthorities, problemOfAuthority)
  if (problem !== undefined) throw malformed(name, problem)
  return root
}

function firstProblem<T>(
  list: string,
  items: readonly T[],
  problemOf: (item: T) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const problem = problemOf(item)
    if (problem !== undefined) return `${list}[${index}] ${problem}`
  }
  return undefined
}

function problemOfLog({ publicKey, logId, checkpointKeyId }: TransparencyLogInstance): string | undefined {
  const id = checkpointKeyId ?? logId
  if (id === undefined || id.keyId.length === 0) return 'has no logId'
  const { rawBytes, keyDetails } = publicKey ?? {}
  if (rawBytes === undefined) return 'has no publicKey'
  const type = keyDetails !== undefined && PKCS1.includes(keyDetails) ? 'pkcs1' : 'spki'
  return isReadable(() => createPublicKey({ key: rawBytes, format: 'der', type }))
    ? undefined
    : 'has a publicKey that cannot be read'
}

function problemOfAuthority({ certChain }: CertificateAuthority): string | undefined {
  const certificates = certChain?.certificates ?? []
  if (certificates.length === 0) return 'has no certificates in its certChain'
  return certificates.every(({ rawBytes }) => isReadable(() => new X509Certificate(rawBytes)))
    ? undefined
    : 'has a certificate that cannot be read'
}

function isReadable(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

function malformed(name: string, why: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `The trusted root ${name} cannot be used: ${why}`, {
    cause,
    hint: 'Give a trusted root as the operator of the Sigstore instance publishes it, or as cosign trusted-root create writes it.',
  })
}
