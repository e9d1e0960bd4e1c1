import { isDigest } from '../oci/digest.ts'
import { isTag } from '../oci/reference.ts'
import type { ArtifactoryFile } from './artifactory-client.ts'

/** A folder that holds a manifest: that of a tag, or one named by the manifest's digest. */
export interface ManifestFolder {
  readonly key: string
  readonly name: string
  readonly isTag: boolean
}

/** What a manifest is stored as, an index under the second name. */
const MANIFEST_FILES: readonly string[] = ['manifest.json', 'list.manifest.json']
/** How remote repositories write the folder of a digest; others write `sha256:`. */
const DIGEST_FOLDER = /^sha256__/

/** The folders of an image in which a manifest was found, in the order of their names; what lies deeper belongs to another image. */
export function foldersOf(files: readonly ArtifactoryFile[], image: string): readonly ManifestFolder[] {
  return files
    .flatMap(({ key, path }) => {
      const [name = '', file = '', ...deeper] = path.startsWith(`${image}/`)
        ? path.slice(image.length + 1).split('/')
        : []
      const isOwn = MANIFEST_FILES.includes(file) && deeper.length === 0 && (isTag(name) || isDigest(name))
      return isOwn ? [{ key, name, isTag: isTag(name) && !DIGEST_FOLDER.test(name) }] : []
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}
