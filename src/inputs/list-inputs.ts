import { LISTING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'

/** Which images the run is about, and where they are read. */
export const LIST_INPUTS = [
  {
    name: 'lock',
    meaning:
      'Lists of images by digest, one path or glob a line: Carvel ImagesLock and BundleLock, and the `Images.lock` of Helm charts.',
    default: '',
    kind: 'lines',
    commands: LISTING,
  },
  {
    name: 'bundle',
    meaning:
      'References of imgpkg bundles, one a line; all images of a bundle are promoted with it, those of nested bundles too.',
    default: '',
    kind: 'lines',
    commands: LISTING,
  },
  {
    name: 'images',
    meaning: 'Image references, one a line; a tag is resolved once and pinned, with a warning.',
    default: '',
    kind: 'lines',
    commands: LISTING,
  },
  {
    name: 'compose',
    meaning:
      'Paths of compose files, one a line, merged in this order; each service is signed and verified as its `x-nerdctl-…` fields say.',
    default: '',
    kind: 'lines',
    commands: LISTING,
  },
  {
    name: 'compose-profiles',
    meaning: 'The profiles whose services belong to it, one a line; when empty, `COMPOSE_PROFILES` is used.',
    default: '',
    kind: 'lines',
    commands: LISTING,
  },
  {
    name: 'compose-env-file',
    meaning:
      'Paths of files with the variables of the compose files, one a line, since those of the process are not used; when empty, `.env` beside the first one is used if it is there.',
    default: '',
    kind: 'lines',
    commands: LISTING,
  },
  {
    name: 'from',
    meaning:
      'An OCI image layout as `oci-layout:PATH`, a folder or a `.tar`, from which all images are read in place of their registries; with no other list, the one in it is taken.',
    default: '',
    kind: 'text',
    commands: LISTING,
  },
] as const satisfies readonly InputDefinition[]
