import type { KeyObject } from 'node:crypto'
import type { Annotations } from '../oci/descriptor.ts'

/** Who must have signed an image. That nobody must is said in so many words, never by leaving something out. */
export type VerificationPolicy = { readonly by: 'nobody' } | KeyPolicy

/** At least one valid signature by this key that carries all these annotations. */
export interface KeyPolicy {
  readonly by: 'key'
  readonly publicKey: KeyObject
  readonly requireAnnotations: Annotations
}
