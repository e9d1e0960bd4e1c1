import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { ImageResult } from './run-result.ts'

/** Part of a policy.json: what is demanded of each repository (containers-policy.json(5), "sigstoreSigned"). */
export interface ContainersPolicy {
  readonly transports: { readonly docker: Readonly<Record<string, readonly SignedRequirement[]>> }
}

/** The repository whose images were signed under names that they do not have in common. */
export interface ManyNames {
  readonly manyNames: string
}

interface SignedRequirement extends RequiredSigner {
  readonly type: 'sigstoreSigned'
  readonly signedIdentity:
    | { readonly type: 'matchRepository' }
    | { readonly type: 'exactRepository'; readonly dockerRepository: string }
}

interface RequiredSigner {
  readonly keyData?: string
  readonly fulcio?: { readonly caPath: string; readonly oidcIssuer: string; readonly subjectEmail: string }
  readonly rekorPublicKeyPath?: string
}

const FULCIO_PATH = '/etc/containers/fulcio.pem'
const REKOR_PATH = '/etc/containers/rekor.pub'
/** An image's name as a payload holds it, mostly without tag and digest. */
const SIGNED_NAME =
  /^(?<repository>(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?\/[a-z0-9._/-]+)(?::[\w.-]+)?(?:@\w+:\w+)?$/

/**
 * What podman, CRI-O and skopeo have to be told to accept what was promoted, for each repository at the targets. Undefined where that cannot
 * be said: of a certificate they compare an e-mail address alone. One demand, and so one name, holds for all images of a repository.
 */
export function containersPolicy(
  images: readonly ImageResult[],
  policy: PolicyInWords,
): ContainersPolicy | ManyNames | undefined {
  const signer = requiredSigner(policy)
  if (signer === undefined) return undefined
  const demands: Record<string, readonly SignedRequirement[]> = {}
  for (const [repository, names] of namesByRepository(images)) {
    const signedIdentity = identityFor(repository, names)
    // A part of it would pass for the whole.
    if (signedIdentity === undefined)
      return names.every(({ size }) => size > 0) ? { manyNames: repository } : undefined
    demands[repository] = [{ type: 'sigstoreSigned', ...signer, signedIdentity }]
  }
  return Object.keys(demands).length > 0 ? { transports: { docker: demands } } : undefined
}

/** A key stands in the policy itself; the roots that certificates and logs are judged by are files. */
function requiredSigner(policy: PolicyInWords): RequiredSigner | undefined {
  const { by, publicKey, identity, issuer, transparency } = policy
  const logged = transparency === 'rekor' ? { rekorPublicKeyPath: REKOR_PATH } : undefined
  if (by === 'key' && publicKey !== undefined) {
    return { keyData: Buffer.from(publicKey).toString('base64'), ...logged }
  }
  // Their proof of a certificate's time is the entry in the log.
  if (by !== 'certificate' || logged === undefined || policy.workflow !== undefined) return undefined
  if (identity?.kind !== 'exact' || issuer?.kind !== 'exact' || !isEmail(identity.text)) return undefined
  const fulcio = { caPath: FULCIO_PATH, oidcIssuer: issuer.text, subjectEmail: identity.text }
  return { fulcio, ...logged }
}

/** A workflow is a URI, which may have an `@` in it as well. */
function isEmail(identity: string): boolean {
  return /^[^@/:]+@[^@/:]+$/.test(identity)
}

/** For each repository of a registry the names by which its images were signed: those of one image in one set. */
function namesByRepository(images: readonly ImageResult[]): ReadonlyMap<string, readonly Set<string>[]> {
  const found = new Map<string, Set<string>[]>()
  for (const { repository, signatures } of images.flatMap(({ targets }) => targets)) {
    const names = signatures
      .filter(({ counts, annotations }) => counts && isReadable(annotations))
      .map(({ signedName = '' }) => SIGNED_NAME.exec(signedName)?.groups?.repository)
      .filter((name) => name !== undefined)
    const place = asPodmanWrites(repository)
    found.set(place, [...(found.get(place) ?? []), new Set(names.map(asPodmanWrites))])
  }
  return found
}

/** Their own signatures state a time as a number; what else has that name makes them refuse the signature. */
function isReadable({ timestamp = '0' }: Annotations): boolean {
  return /^\d+$/.test(timestamp)
}

/** The name by which all images were signed, preferably that of the place itself. */
function identityFor(
  repository: string,
  [first = new Set(), ...others]: readonly Set<string>[],
): SignedRequirement['signedIdentity'] | undefined {
  const common = [...first].filter((name) => others.every((names) => names.has(name)))
  if (common.includes(repository)) return { type: 'matchRepository' }
  const [dockerRepository] = common
  return dockerRepository === undefined ? undefined : { type: 'exactRepository', dockerRepository }
}

/** Docker Hub has the name by which people know it. */
function asPodmanWrites(repository: string): string {
  return repository.replace(/^index\.docker\.io\//, 'docker.io/')
}
