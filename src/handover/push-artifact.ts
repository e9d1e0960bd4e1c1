import type { Artifact } from '../oci/artifact.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { TargetRepository } from '../registry/repository.ts'

/** What is about the login, the name, the size, or the moment, and not about the kind of content. */
const OTHER_REASONS: readonly number[] = [401, 403, 404, 408, 413, 429]

/**
 * Pushes the blobs of an artifact and lets `write` push its manifest. Where the registry does not take such content, the RegistryError says
 * how to do without.
 */
export async function pushArtifact(
  { manifest, blobs }: Artifact,
  repository: TargetRepository,
  write: (manifest: Artifact['manifest']) => Promise<void>,
): Promise<void> {
  try {
    for (const { descriptor, bytes } of blobs) await repository.pushBlob(descriptor, bytes)
    await write(manifest)
  } catch (error) {
    throw error instanceof RegistryError && isAboutContent(error)
      ? error.withHint(hintFor(repository))
      : error
  }
}

function isAboutContent({ status }: RegistryError): boolean {
  return status !== undefined && status < 500 && !OTHER_REASONS.includes(status)
}

function hintFor({ name }: TargetRepository): string {
  return `${name.registry} may not take artifacts of this kind: save the plan in a file, and hand on plan and reports as files.`
}
