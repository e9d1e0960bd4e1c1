import type { Annotations } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { TextMatch } from '../policy/text-match.ts'
import type { Evidence, WorkflowClaims } from '../policy/trusted-signer.ts'
import type { Secret } from './secret.ts'

export type Command = 'promote' | 'plan' | 'finish' | 'sign' | 'verify' | 'check' | 'repair' | 'rollback'

export type SignatureFormat = 'bundle' | 'tag' | 'both'

/** Everything a run has been told, checked and normalised. Paths are as written, relative to the working directory. */
export interface Settings {
  readonly command: Command
  /** Carvel's and Helm's lists; globs are expanded. */
  readonly lock: readonly string[]
  /** References of imgpkg bundles, as written. */
  readonly bundles: readonly string[]
  /** References as written. */
  readonly images: readonly string[]
  readonly compose: ComposeSettings
  /** The path of the OCI layout that all images are read from; undefined: from their registries. */
  readonly from: string | undefined
  /** Target repositories, as templates with `{registry}`, `{repository}` and `{name}`, or `oci-layout:PATH`. */
  readonly to: readonly string[]
  /** Templates with `{origin-tag}`. */
  readonly tags: readonly string[]
  readonly existingTags: 'refuse' | 'move'
  /** Whether each image at a target gets imgpkg's tag. */
  readonly imgpkgTags: boolean
  readonly copying: CopyingSettings
  readonly saving: SavingSettings
  /** The saved plan to carry out in place of a list. */
  readonly applying: ApplyingSettings | undefined
  /** What is found out about targets before anything is copied. */
  readonly preflight: 'check' | 'probe'
  /** Whether `repair` writes a fallback tag anew where something else stands under it. */
  readonly rebuildFallback: boolean
  readonly signing: SigningSettings
  /** How what a list says about signing is done; undefined where no list can say anything. */
  readonly listSigning: ListSigningSettings | undefined
  readonly verification: VerificationSettings
  /** As it was given, for signers whom a list names: what it means goes by who signs. */
  readonly transparency: 'auto' | 'none' | 'rekor'
  readonly sigstore: SigstoreSettings
  readonly cosign: CosignSettings
  /** Sign also in a run that an outsider may have started. */
  readonly allowUntrustedTrigger: boolean
  readonly registries: RegistrySettings
  /** How blobs are proven to be at a target: read and hashed, or asked for by HEAD; `auto` goes by their size in sum. */
  readonly readBack: 'auto' | 'full' | 'head'
  /** The most requests in flight to one registry. */
  readonly concurrency: number
  readonly deadline: Deadline | undefined
  readonly lockOutput: string | undefined
  /** Where the run's own report is written. */
  readonly report: string | undefined
  /** The report of the promotion that `rollback` undoes. */
  readonly undo: string | undefined
}

/** Compose files, merged in their order; all three are paths or names as written. */
export interface ComposeSettings {
  readonly files: readonly string[]
  readonly profiles: readonly string[]
  readonly envFiles: readonly string[]
}

/** What copies layers; `move`: they are gone from the source in the end. */
export type CopyingSettings =
  | { readonly by: 'registry' }
  | { readonly by: 'artifactory'; readonly url: URL; readonly move: boolean }

/** Where `plan` writes what it decided, as written; a `place` of the form `oci://host/path` is an artifact in a repository. */
export interface SavingSettings {
  readonly place: string | undefined
  readonly comment: string | undefined
  readonly shards: number | 'auto'
}

/** Which saved plan is carried out, and which part of it; places as written. */
export interface ApplyingSettings {
  readonly place: string
  readonly digest: Digest | undefined
  readonly shard: Shard | undefined
  /** Paths and globs of the reports of all parts. */
  readonly reports: readonly string[]
}

/** One part of a plan; `index` counts from 1. */
export interface Shard {
  readonly index: number
  readonly total: number
}

/** When the run is ended, counted from its start. */
export interface Deadline {
  /** As it was written. */
  readonly text: string
  readonly milliseconds: number
}

/** Where a key comes from: a file, or the text of an environment variable (`env://NAME`), already read. */
export type KeySource = { readonly path: string } | { readonly variable: string; readonly text: Secret }

/** A key that only the cosign binary reaches: `awskms://…`, `gcpkms://…`, `azurekms://…`, `hashivault://…`, a plugin's scheme, `k8s://…`, `pkcs11:…`. */
export interface RemoteKey {
  readonly uri: string
}

/** What this run signs, and as whom. */
export type SigningSettings = { readonly by: 'nobody' } | KeySigningSettings | KeylessSigningSettings

/** Whether signatures are entered into a transparency log; `where possible`: in the forms that can hold an entry of it. */
export type Logging = 'none' | 'rekor' | 'where possible'

interface SigningWork {
  /** Signatures on the images at the source, statements about the promotion on the images at the targets. */
  readonly signs: { readonly images: boolean; readonly promotions: boolean }
  readonly annotations: Annotations
  readonly format: SignatureFormat
  /** Which repository signatures name that hold a name. */
  readonly signIdentity: 'source' | 'target'
  /** Whether the images that an index lists are signed with it. */
  readonly recursive: boolean
  readonly signer: Maker
  readonly transparency: Logging
}

export interface KeySigningSettings extends SigningWork {
  readonly by: 'key'
  /** A remote key only with `signer: cosign`. */
  readonly key: KeySource | RemoteKey
  readonly password: Secret
}

export interface KeylessSigningSettings extends SigningWork {
  readonly by: 'keyless'
  /** Undefined: the job's own, which the runner gives to jobs that may have one. */
  readonly identityToken: Secret | undefined
}

/** All of signing but who signs what. */
export interface ListSigningSettings extends Omit<SigningWork, 'signs' | 'transparency'> {
  readonly password: Secret
  readonly identityToken: Secret | undefined
}

/** What makes or judges signatures: this program, or the cosign binary. */
export type Maker = 'native' | 'cosign'

/** `signer`: the policy is the run's own signer. `list`: it is what the list says of each image. */
export type VerificationSettings =
  | { readonly by: 'nobody' }
  | ({ readonly by: 'signer' | 'list' } & WhatIsRequired)
  | ({ readonly by: 'key'; readonly publicKey: KeySource | RemoteKey } & WhatIsRequired)
  | ({
      readonly by: 'certificate'
      readonly identity: TextMatch
      readonly issuer: TextMatch
      readonly workflow: WorkflowClaims
    } & WhatIsRequired)
  | { readonly by: 'policy'; readonly path: string; readonly verifier: Maker }

/** What makes a signature count, besides its signer. */
export interface WhatIsRequired extends Evidence {
  readonly requireAnnotations: Annotations
  /** Predicate types, absolute URIs. */
  readonly requireAttestations: readonly string[]
  readonly verifier: Maker
}

/** Which Sigstore: what is left out is that of the public instance. Paths and URLs as written. */
export interface SigstoreSettings {
  /** The path of a trusted root; with it nothing is fetched by TUF. */
  readonly trustedRoot: string | undefined
  readonly tufMirror: string | undefined
  /** The path of the TUF repository's root.json; needed for any other mirror than the public one. */
  readonly tufRoot: string | undefined
  /** The path of a signing config, which names the services to sign with. */
  readonly signingConfig: string | undefined
  readonly fulcioUrl: string | undefined
  readonly rekorUrl: string | undefined
  readonly timestampUrl: string | undefined
}

/** Which cosign: one in a place, or of a version that is downloaded. */
export interface CosignSettings {
  /** Undefined: the first on the PATH, then the version. */
  readonly path: string | undefined
  /** Undefined: the version this program knows. */
  readonly release: { readonly version: string; readonly checksum: string } | undefined
  /** Where releases are downloaded from, in place of GitHub. */
  readonly mirror: string | undefined
}

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
