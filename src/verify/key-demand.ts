import type { KeyObject } from 'node:crypto'
import type { Annotations } from '../oci/descriptor.ts'

/** A signature by this key that carries all these annotations. */
export interface KeyDemand {
  readonly publicKey: KeyObject
  readonly requireAnnotations: Annotations
}
