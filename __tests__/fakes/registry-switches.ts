/** What a token's scope can allow (distribution's token scope documentation). */
export type Action = 'pull' | 'push' | 'delete'

/** Someone who may log in; `prefix` limits them to repositories under it, `actions` to what they may do there. */
export interface Account {
  readonly username: string
  readonly password: string
  /** Taken by the token endpoint instead of the password, as `docker login` leaves one. */
  readonly identityToken?: string
  readonly prefix?: string
  readonly actions?: readonly Action[]
}

/** Who is let in, and how they prove it. */
export type AuthSwitch =
  | { readonly by: 'nobody' }
  | {
      readonly by: 'basic'
      readonly accounts: readonly Account[]
      /** What stands in the challenge behind the realm, such as `,service="x"`. */
      readonly challengeEnd?: string
    }
  | {
      readonly by: 'bearer'
      readonly accounts: readonly Account[]
      /** Whether a token to pull is given to anybody. */
      readonly anonymousPull?: boolean
      /** After this many requests a token is refused. */
      readonly usesPerToken?: number
      /** Where the token endpoint is; `registry` unless said otherwise: crane takes no other loopback host. */
      readonly tokensFrom?: 'registry' | 'elsewhere'
      /** Its path, `/token` unless said otherwise. */
      readonly tokenPath?: string
      /** Which field of its answer holds the token, and whether its life is told; both and told unless said otherwise. */
      readonly tokenAnswer?: 'token only' | 'access_token only'
      /** Whether a token tells in its claims what it allows, as a JWT that anybody can read. */
      readonly tokenClaims?: boolean
    }

/** How a manifest is refused: `matching` is looked for in what the body holds, `{tag}` in the message is the tag. */
export interface ManifestRefusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly matching?: RegExp
}

/** How a registry behaves. All of it may be changed while it runs. */
export interface RegistrySwitches {
  auth: AuthSwitch
  /** Whether referrers are listed, and OCI-Subject is sent, as distribution specification 1.1 says; without it their endpoint is a 404. */
  referrersApi: boolean
  /** What the referrers endpoint answers instead of what `referrersApi` says. */
  referrersAnswer:
    | 'normal'
    | 'not found'
    | 'unknown manifest'
    | 'forbidden'
    | 'failing'
    | 'html'
    | 'empty'
    | 'redirect'
  /** Whether the `artifactType` filter of the referrers endpoint is applied. */
  referrersFilter: boolean
  /** Whether a blob is sent from another origin after a 307: another port of this host, or another name for it as well. */
  redirectBlobs: boolean | 'another host'
  /** Whether HEAD on a manifest is allowed; otherwise it is a 405. */
  manifestHead: boolean
  /** Whether Docker-Content-Digest is sent. */
  digestHeader: boolean
  /** The Content-Type sent for every manifest instead of its own. */
  manifestContentType: string | undefined
  /** Whether any PUT on a tag that exists is refused, with a 409 unless said otherwise. */
  immutableTags: boolean | ManifestRefusal
  /** Tags that can be overwritten even so. */
  mutableTags: RegExp | undefined
  /** Manifests that are not taken. */
  refusedManifests: ManifestRefusal | undefined
  /** Whether a tag `sha256-<hex>` that does not exist is read as the digest `sha256:<hex>`. */
  tagsAsDigests: boolean
  /** How many manifests may be read by GET before it is a 429, as the headers with each answer say; undefined is no limit and no headers. */
  pulls: number | undefined
  /** Whether repositories are made by pushing to them; otherwise their uploads are a 404 until something is put into the store. */
  createsRepositories: boolean
  /** Whether a tag can be deleted; otherwise it is a 405. */
  tagDeletion: boolean
  /** The same of a manifest by its digest. */
  manifestDeletion: boolean
  /** Repositories, by their names, in which every write is a 405. */
  readOnly: RegExp | undefined
  /** `refused` begins an upload session instead (202), `missing` is a 404. */
  mount: 'normal' | 'refused' | 'missing'
  /**
   * How the Location of an upload session is written; with `elsewhere` it is on another port, with `another host` on another name and
   * port, and both have a token of their own in the query.
   */
  uploadLocation: 'relative' | 'absolute' | 'query' | 'elsewhere' | 'another host'
  /** At most this many tags or referrers in one answer, whatever `n` asks for. */
  pageSize: number
  /** Whether GPG signatures are kept beside manifests, and every answer says so; `tagged`: only of what a tag leads to, as in Pulp. */
  atomicSignatures: 'none' | 'any' | 'tagged'
  /** Whether the link to the next page names the host. */
  absoluteLinks: boolean
}

/** A registry that does all the specification asks for, and asks nobody who they are. */
export const FAIR_REGISTRY: Readonly<RegistrySwitches> = {
  auth: { by: 'nobody' },
  referrersApi: true,
  referrersAnswer: 'normal',
  referrersFilter: true,
  redirectBlobs: false,
  manifestHead: true,
  digestHeader: true,
  manifestContentType: undefined,
  immutableTags: false,
  mutableTags: undefined,
  refusedManifests: undefined,
  tagsAsDigests: false,
  pulls: undefined,
  createsRepositories: true,
  tagDeletion: true,
  manifestDeletion: true,
  readOnly: undefined,
  mount: 'normal',
  uploadLocation: 'relative',
  pageSize: 1000,
  atomicSignatures: 'none',
  absoluteLinks: false,
}
