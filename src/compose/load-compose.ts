import { dirname, resolve } from 'node:path'
import { PromotionError } from '../errors.ts'
import type { Reporter } from '../report/reporter.ts'
import type { ImageDocument } from '../sources/source.ts'
import { YamlReader } from '../yaml/yaml-reader.ts'
import type { LookUp } from './interpolate.ts'
import { onlyText } from './only-text.ts'
import type { ReadFile } from './permitted-folders.ts'
import { ProjectReader } from './project-reader.ts'
import { rewriteCompose } from './rewrite-compose.ts'
import { readServiceImages, type ServiceImages } from './service-images.ts'

/** Which compose files, and what they are read with. */
export interface ComposeSources {
  /** Paths relative to the working directory, merged in this order; at least one. */
  readonly files: readonly string[]
  /** The profiles that are on; when empty, those of `COMPOSE_PROFILES`. */
  readonly profiles: readonly string[]
  /** Paths of files with variables; when empty, `.env` beside the first file. */
  readonly envFiles: readonly string[]
  readonly workingDirectory: string
  /** The process's; no other variable of it is used: a file from elsewhere could send it to a registry, as part of an image's name. */
  readonly environment: { readonly COMPOSE_PROFILES?: string | undefined }
}

/** The images of a compose project. */
export interface ComposeDocument extends ImageDocument {
  /** All files that were read for it: what messages call them, and their real paths. */
  readonly files: readonly ReadFile[]
}

const PROFILES = 'COMPOSE_PROFILES'

/**
 * Reads compose files as compose and nerdctl do (compose specification: merging, fragments, interpolation, profiles, `extends`, `include`): the
 * image of each service that runs, on the terms of its `x-nerdctl-…` fields. All problems are thrown together, as PromotionErrors of kind
 * `input`, among them one image on two terms, and no image at all.
 */
export async function loadCompose(
  sources: ComposeSources,
  reporter: Pick<Reporter, 'info' | 'warn'>,
): Promise<ComposeDocument> {
  const reader = new YamlReader()
  const reading = { reader, warn: reporter.warn.bind(reporter) }
  const paths = sources.files.map((file) => resolve(sources.workingDirectory, file))
  const folder = dirname(paths[0] ?? sources.workingDirectory)
  const project = new ProjectReader(sources.workingDirectory, folder, reading)
  const envFiles = sources.envFiles.map((file) => resolve(sources.workingDirectory, file))
  const lookUp = await project.ownVariables(envFiles)
  // Without their variables images would seem to be wrong that are not.
  reader.problems.throwIfAny()
  const services = await project.read({ paths, folder, lookUp })
  const found = readServiceImages(services, activeProfiles(sources, lookUp), reading)
  // What was left out after a problem could seem to be missing.
  reader.problems.throwIfAny()
  refuseIdle(sources, found)
  if (found.leftOut.length > 0) {
    reporter.info(`Left out, because their profiles are not on: ${found.leftOut.join(', ')}`)
  }
  const names = paths.map((path) => project.nameOf(path))
  const keysFrom = found.images.find((image) => image.keysFrom !== undefined)?.keysFrom
  return {
    // A file to be given behind the others has no keys.
    ...(keysFrom !== undefined && onlyText(found.images, names) !== undefined && { keysFrom }),
    listed: [...new Set(found.images.map(({ listed }) => listed))],
    rewrite: (placeOf) => rewriteCompose(found.images, names, placeOf),
    files: project.files,
  }
}

function activeProfiles({ profiles, environment }: ComposeSources, lookUp: LookUp): readonly string[] {
  if (profiles.length > 0) return profiles
  const usual = (environment[PROFILES] ?? lookUp(PROFILES))?.split(',').map((profile) => profile.trim())
  return usual?.filter(Boolean) ?? []
}

/** A profile that nobody has is a slip of the pen, and so is a file without any image. */
function refuseIdle({ files, profiles }: ComposeSources, found: ServiceImages): void {
  const unknown = profiles.find((profile) => profile !== '*' && !found.profiles.has(profile))
  if (unknown !== undefined) {
    const known = [...found.profiles].join(', ')
    throw new PromotionError(
      'input',
      `\`compose-profiles\` names "${unknown}", and no service has that profile`,
      {
        hint: known === '' ? 'No service has a profile: leave it out.' : `The profiles are ${known}.`,
      },
    )
  }
  if (found.images.length > 0) return
  const why =
    found.leftOut.length > 0 ? `the profiles of ${found.leftOut.join(', ')} are not on` : 'no service has one'
  throw new PromotionError('input', `There is no image to work on: ${why}`, {
    hint: 'Correct `compose`, or name profiles in `compose-profiles`.',
    ...(files[0] !== undefined && { location: { file: files[0] } }),
  })
}
