import type { Annotations } from '../oci/descriptor.ts'
import type { Secret } from './secret.ts'

export type Command = 'promote' | 'plan' | 'sign' | 'verify'

export type SignatureFormat = 'bundle' | 'tag' | 'both'

/** Everything a run has been told, checked and normalised. Paths are as written, relative to the working directory. */
export interface Settings {
  readonly command: Command
  /** ImagesLock files; globs are expanded. */
  readonly lock: readonly string[]
  /** References as written. */
  readonly images: readonly string[]
  /** Target repositories, as templates with `{registry}`, `{repository}` and `{name}`. */
  readonly to: readonly string[]
  readonly tags: readonly string[]
  readonly existingTags: 'refuse' | 'move'
  readonly signing: SigningSettings
  readonly verification: VerificationSettings
  readonly registries: RegistrySettings
  /** How blobs are proven to be at a target: read and hashed, or asked for by HEAD; `auto` goes by their size in sum. */
  readonly readBack: 'auto' | 'full' | 'head'
  /** The most requests in flight to one registry. */
  readonly concurrency: number
  readonly deadline: Deadline | undefined
  readonly lockOutput: string | undefined
  readonly report: string | undefined
}

/** When the run is ended, counted from its start. */
export interface Deadline {
  /** As it was written. */
  readonly text: string
  readonly milliseconds: number
}

/** Where a key comes from: a file, or the text of an environment variable (`env://NAME`), already read. */
export type KeySource = { readonly path: string } | { readonly variable: string; readonly text: Secret }

export type SigningSettings = { readonly by: 'nobody' } | KeySigningSettings

export interface KeySigningSettings {
  readonly by: 'key'
  readonly key: KeySource
  readonly password: Secret
  readonly annotations: Annotations
  readonly format: SignatureFormat
  readonly signer: 'native' | 'cosign'
  /** Undefined: the first cosign on the PATH. */
  readonly cosignPath: string | undefined
}

/** `signer`: the policy is the run's own signer. */
export type VerificationSettings =
  | { readonly by: 'nobody' }
  | { readonly by: 'signer'; readonly requireAnnotations: Annotations }
  | { readonly by: 'key'; readonly publicKey: KeySource; readonly requireAnnotations: Annotations }

export interface RegistrySettings {
  /** Credentials given to the run itself; the longest `prefix` that matches a repository wins over all others. */
  readonly credentials: readonly RegistryCredentials[]
  /** Hosts, besides loopback, to which plain HTTP may be spoken. */
  readonly insecure: readonly string[]
}

export interface RegistryCredentials {
  /** `host` or `host/path`. */
  readonly prefix: string
  readonly username: string
  readonly password: Secret
}
