import type { Account, ManifestRefusal, RegistrySwitches } from './registry-switches.ts'

/** A registry by another's name: what is known of it, as switches. What is known and from where stands in docs/registries/<name>.md. */
export interface RegistryProfile {
  /** The name of its page. */
  readonly name: string
  readonly switches: Partial<RegistrySwitches>
  /** What `docker login` leaves for it; a password unless said otherwise. */
  readonly login?: 'identity token'
  /** How it refuses to write to a tag that exists, where tags are set to be immutable. */
  readonly immutable?: ManifestRefusal
  /** Why referrers cannot be written to it. */
  readonly referrersRefused?: RegExp
}

/** The one account that every profile knows. */
export const ROBOT = {
  username: 'robot',
  password: 'correct horse',
  identityToken: 'an identity token',
} satisfies Account

const accounts = [ROBOT]
const NO_REFERRERS = { referrersApi: false } as const

export const PROFILES: readonly RegistryProfile[] = [
  {
    name: 'acr',
    login: 'identity token',
    switches: {
      auth: { by: 'bearer', accounts, tokenPath: '/oauth2/token', tokenAnswer: 'access_token only' },
      redirectBlobs: 'another host',
      uploadLocation: 'query',
      tagDeletion: false,
    },
  },
  {
    name: 'distribution',
    switches: { ...NO_REFERRERS, auth: { by: 'basic', accounts }, uploadLocation: 'query' },
  },
  {
    name: 'docker-hub',
    immutable: immutable(403, 'DENIED', 'tag {tag} is immutable and cannot be overwritten'),
    switches: {
      ...NO_REFERRERS,
      auth: { by: 'bearer', accounts, anonymousPull: true, tokensFrom: 'elsewhere' },
      pulls: 200,
      redirectBlobs: 'another host',
      uploadLocation: 'query',
      tagDeletion: false,
    },
  },
  {
    name: 'ecr',
    immutable: immutable(
      400,
      'TAG_INVALID',
      "The image tag '{tag}' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
    ),
    switches: {
      auth: { by: 'basic', accounts, challengeEnd: ',service="ecr.amazonaws.com"' },
      createsRepositories: false,
      refusedManifests: {
        status: 405,
        code: 'UNSUPPORTED',
        message: "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
        matching: /"artifactType":"[^"]*;/,
      },
      redirectBlobs: 'another host',
      uploadLocation: 'absolute',
      mount: 'refused',
      tagDeletion: false,
      absoluteLinks: true,
    },
  },
  {
    name: 'gar',
    immutable: immutable(400, 'MANIFEST_INVALID', 'the tag {tag} is immutable'),
    switches: {
      ...NO_REFERRERS,
      auth: { by: 'bearer', accounts, tokenPath: '/v2/token', tokenAnswer: 'token only' },
      uploadLocation: 'query',
      mount: 'refused',
      tagDeletion: false,
    },
  },
  {
    name: 'ghcr',
    switches: {
      ...NO_REFERRERS,
      auth: { by: 'bearer', accounts, anonymousPull: true, tokenAnswer: 'token only' },
      referrersAnswer: 'redirect',
      redirectBlobs: 'another host',
      tagDeletion: false,
    },
  },
  {
    name: 'gitlab',
    immutable: immutable(400, 'TAG_INVALID', 'tag {tag} is immutable'),
    referrersRefused: /itself where the list of its referrers belongs/,
    switches: {
      ...NO_REFERRERS,
      auth: {
        by: 'bearer',
        accounts,
        tokensFrom: 'elsewhere',
        tokenPath: '/jwt/auth',
        tokenAnswer: 'token only',
      },
      tagsAsDigests: true,
      redirectBlobs: 'another host',
      uploadLocation: 'query',
    },
  },
  {
    name: 'harbor',
    immutable: immutable(
      412,
      'PRECONDITION',
      "Failed to process request due to 'app:{tag}' configured as immutable.",
    ),
    switches: {
      auth: { by: 'bearer', accounts, tokenPath: '/service/token' },
      uploadLocation: 'query',
      tagDeletion: false,
    },
  },
  {
    name: 'quay',
    immutable: immutable(409, 'TAG_ALREADY_EXISTS', 'tag was already pushed'),
    switches: {
      auth: { by: 'bearer', accounts, anonymousPull: true, tokenPath: '/v2/auth', tokenAnswer: 'token only' },
      redirectBlobs: 'another host',
      uploadLocation: 'absolute',
      pageSize: 50,
    },
  },
]

/** The profile of this name; throws when there is none. */
export function profileNamed(name: string): RegistryProfile {
  const found = PROFILES.find((profile) => profile.name === name)
  if (found === undefined) throw new Error(`no registry is called "${name}"`)
  return found
}

function immutable(status: number, code: string, message: string): ManifestRefusal {
  return { status, code, message }
}
