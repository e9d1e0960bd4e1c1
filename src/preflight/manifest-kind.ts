import type { Manifest } from '../oci/manifest.ts'

/** By what a registry may take or refuse a manifest, whatever its content is. */
export interface ManifestKind {
  readonly mediaType: string
  /** Undefined where it is the type of the config. */
  readonly artifactType: string | undefined
  /** Undefined for an index. */
  readonly config: string | undefined
  /** The media types of its layers, or of the manifests that an index lists; once each. */
  readonly parts: readonly string[]
  readonly hasSubject: boolean
}

/** The kinds of these manifests, once each, in the order in which they are met first. */
export function kindsOf(manifests: readonly Manifest[]): readonly ManifestKind[] {
  const kinds = new Map<string, ManifestKind>()
  for (const manifest of manifests) {
    const kind = kindOf(manifest)
    kinds.set(describeKind(kind), kind)
  }
  return [...kinds.values()]
}

/** The kind in words, different for each. */
export function describeKind({ mediaType, artifactType, config, parts, hasSubject }: ManifestKind): string {
  const facts = [
    ...(artifactType === undefined ? [] : [`artifactType ${artifactType}`]),
    ...(config === undefined ? [] : [`config ${config}`]),
    ...(parts.length === 0 ? [] : [`${config === undefined ? 'of' : 'layers'} ${parts.join(', ')}`]),
    ...(hasSubject ? ['with a subject'] : []),
  ]
  return facts.length === 0 ? mediaType : `${mediaType} (${facts.join('; ')})`
}

function kindOf(manifest: Manifest): ManifestKind {
  const { descriptor, artifactType, subject } = manifest
  const isImage = manifest.kind === 'image'
  const config = isImage ? manifest.config.mediaType : undefined
  const parts = isImage ? manifest.layers : manifest.children
  return {
    mediaType: descriptor.mediaType,
    artifactType: artifactType === config ? undefined : artifactType,
    config,
    parts: [...new Set(parts.map(({ mediaType }) => mediaType))].sort(),
    hasSubject: subject !== undefined,
  }
}
