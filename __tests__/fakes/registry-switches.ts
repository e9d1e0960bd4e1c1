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
  | { readonly by: 'basic'; readonly accounts: readonly Account[] }
  | {
      readonly by: 'bearer'
      readonly accounts: readonly Account[]
      /** Whether a token to pull is given to anybody. */
      readonly anonymousPull?: boolean
      /** After this many requests a token is refused. */
      readonly usesPerToken?: number
      /** Where the token endpoint is; `registry` unless said otherwise: crane takes no other loopback host. */
      readonly tokensFrom?: 'registry' | 'elsewhere'
    }

/** How a registry behaves. All of it may be changed while it runs. */
export interface RegistrySwitches {
  auth: AuthSwitch
  /** Whether referrers are listed, and OCI-Subject is sent, as distribution specification 1.1 says; without it their endpoint is a 404. */
  referrersApi: boolean
  /** What the referrers endpoint answers instead of what `referrersApi` says. */
  referrersAnswer: 'normal' | 'not found' | 'forbidden' | 'failing' | 'html' | 'empty'
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
  /** Whether any PUT on a tag that exists is a 409. */
  immutableTags: boolean
  /** Whether a tag can be deleted; otherwise it is a 405. */
  tagDeletion: boolean
  /** `refused` begins an upload session instead (202), `missing` is a 404. */
  mount: 'normal' | 'refused' | 'missing'
  /**
   * How the Location of an upload session is written; with `elsewhere` it is on another port, with `another host` on another name and
   * port, and both have a token of their own in the query.
   */
  uploadLocation: 'relative' | 'absolute' | 'query' | 'elsewhere' | 'another host'
  /** At most this many tags or referrers in one answer, whatever `n` asks for. */
  pageSize: number
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
  tagDeletion: true,
  mount: 'normal',
  uploadLocation: 'relative',
  pageSize: 1000,
}
