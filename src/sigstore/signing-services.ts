/** Where signatures of this run are certified, logged and dated. */
export interface SigningServices {
  /** The certificate authority; undefined when none is named. */
  readonly fulcio: URL | undefined
  /** Transparency logs to write into, all of those of one version. */
  readonly rekor: RekorServices
  /** Timestamp authorities to ask, with their whole path (RFC 3161, section 3.4). */
  readonly timestamp: readonly URL[]
}

/** By the version of the API that is spoken to them. */
export interface RekorServices {
  readonly v1: readonly URL[]
  readonly v2: readonly URL[]
}

/** For signatures that consist of nothing but themselves. */
export const NO_SERVICES: SigningServices = { fulcio: undefined, rekor: { v1: [], v2: [] }, timestamp: [] }
