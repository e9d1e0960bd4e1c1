import { AGREEING, PROMOTING, WITH_TAGS, WITH_TARGETS } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'

/** Where images are promoted to, by which tags, and what carries them there. */
export const TARGET_INPUTS = [
  {
    name: 'to',
    meaning:
      'Target repositories as `host/path`, one a line, with `{registry}`, `{repository}` (the whole path) and `{name}` (its last part) of the source, or `oci-layout:PATH`; without a placeholder all images go to that one repository.',
    default: '',
    kind: 'lines',
    commands: WITH_TARGETS,
  },
  {
    name: 'tags',
    meaning:
      'Tags for the promoted images, one a line, where `{origin-tag}` stands for each tag by which the list says that the image was known; they move last, after all targets have verified, and of a bundle only the bundle itself gets them.',
    default: '',
    kind: 'lines',
    commands: WITH_TAGS,
  },
  {
    name: 'existing-tags',
    meaning: 'What to do about a tag that points at another image: `refuse` it, or `move` it.',
    default: 'refuse',
    kind: 'choice',
    allowed: ['refuse', 'move'],
    commands: PROMOTING,
  },
  {
    name: 'imgpkg-tags',
    meaning:
      'Whether to give each image the tag `sha256-….imgpkg`, by which imgpkg keeps registries from collecting it.',
    default: 'false',
    kind: 'choice',
    allowed: ['false', 'true'],
    commands: WITH_TAGS,
  },
  {
    name: 'read-back',
    meaning:
      'How blobs are proven to be at the targets: `full` reads and hashes all that were sent or mounted, and relies on no manifest that is there already; `head` only asks for them; `auto` is `full` for what is sent, up to 1 GiB over all targets together, and otherwise `head`.',
    default: 'auto',
    kind: 'choice',
    allowed: ['auto', 'full', 'head'],
    commands: ['promote', 'plan', 'finish', 'repair'],
  },
  {
    name: 'copy-by',
    meaning:
      'What copies the layers: this program (`registry`), or the server of one `artifactory` between two of its repositories.',
    default: 'registry',
    kind: 'choice',
    allowed: ['registry', 'artifactory'],
    commands: AGREEING,
  },
  {
    name: 'artifactory-url',
    meaning: 'The URL of that Artifactory, such as `https://acme.example.com/artifactory`.',
    default: '',
    kind: 'text',
    commands: AGREEING,
  },
  {
    name: 'move',
    meaning:
      'Whether Artifactory moves the images, so that they are gone from the source in the end, in place of copying them.',
    default: 'false',
    kind: 'choice',
    allowed: ['false', 'true'],
    commands: AGREEING,
  },
] as const satisfies readonly InputDefinition[]
