import type { InputName } from './definitions.ts'

/** The inputs that a saved plan takes the place of, since it has decided what they say. */
export const DECIDED_INPUTS: readonly InputName[] = [
  ...(['lock', 'bundle', 'images', 'compose', 'compose-profiles', 'compose-env-file', 'from'] as const),
  ...(['to', 'tags', 'existing-tags', 'imgpkg-tags'] as const),
]
