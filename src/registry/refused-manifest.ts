import { isAttachedTag } from '../oci/attached-tag.ts'
import type { Manifest } from '../oci/manifest.ts'
import { printable, type RegistryError } from './registry-error.ts'

/** How registries say that a tag must not be written again; each has a status and a code of its own for that. */
const IMMUTABLE =
  /\bimmutab|cannot be (?:overwritten|updated)|\btag_already_exists\b|\btag\b.*\balready exists\b/i
/** What registries answer to a manifest whose media types they do not take. */
const REFUSED_TYPE_CODES: readonly string[] = ['MANIFEST_INVALID', 'UNSUPPORTED']

/** The refusal of a manifest that was to be written under a tag or digest, with advice where the registry's words allow some. */
export function explainRefusal(error: RegistryError, reference: string, manifest: Manifest): RegistryError {
  const { status = 0, codes, problem } = error
  if (status < 400 || status >= 500) return error
  if (IMMUTABLE.test(problem)) return error.withHint(hintOfImmutableTag(reference))
  const isAboutTypes = status === 415 || codes.some((code) => REFUSED_TYPE_CODES.includes(code))
  return isAboutTypes ? error.withHint(hintOfTypes(manifest)) : error
}

function hintOfImmutableTag(tag: string): string {
  if (!isAttachedTag(tag)) {
    return 'The registry does not let this tag be changed: choose another one, or exclude it from the immutability of the tags.'
  }
  const exclude = 'exclude `sha256-*` from the immutability of the tags'
  return tag.includes('.')
    ? `The tag holds something else, and the registry does not let it be changed: write signatures as referrers (\`signature-format: bundle\`), or ${exclude}.`
    : `Referrers are listed under this tag, since there is no referrers API, and the registry does not let it be changed: ${exclude}.`
}

function hintOfTypes(manifest: Manifest): string {
  return `The registry may not take what the manifest holds: ${printable(typesOf(manifest).join(', '))}.`
}

/** The media types of a manifest and of what it refers to, once each. */
function typesOf(manifest: Manifest): readonly string[] {
  const { descriptor, artifactType } = manifest
  const parts = manifest.kind === 'index' ? manifest.children : [manifest.config, ...manifest.layers]
  const own = [descriptor.mediaType, ...(artifactType === undefined ? [] : [`artifactType ${artifactType}`])]
  return [...new Set([...own, ...parts.map(({ mediaType }) => mediaType)])]
}
