import pMap from 'p-map'
import { PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { placeOf } from '../oci/plan-place.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { readArtifactText } from './artifact-text.ts'
import { type AttachedReport, LARGEST_REPORT } from './handover.ts'
import { REPORT_ANNOTATIONS } from './report-annotations.ts'

/** Manifests that are open at a time: whoever may push chooses how large they are. */
const MANIFESTS = 16
/** Bytes; that of a report has one thousand. */
const LARGEST_MANIFEST = 16 * 1024

/** What hangs reports are looked for on, and who is told of what is none. */
interface Hanger {
  readonly plan: Digest
  readonly repository: SourceRepository
  readonly warn: (message: string) => void
}

/**
 * The reports that hang on a saved plan, by what they say of themselves. Whoever may push to the repository can hang anything there: what cannot
 * be used is left out, with a warning that names it, and can keep nobody from finishing. A registry that fails throws a RegistryError.
 */
export async function listAttachedReports(hanger: Hanger): Promise<readonly AttachedReport[]> {
  const found = await pMap(await listReferrers(hanger), (listed) => open(listed, hanger), {
    concurrency: MANIFESTS,
  })
  return found.filter((report) => report !== undefined)
}

async function listReferrers({ plan, repository }: Hanger): Promise<readonly Descriptor[]> {
  try {
    return await repository.listReferrers(plan)
  } catch (error) {
    // An answer that is no list, or one too long, as it gets when parts are run again and again.
    throw error instanceof RegistryError && error.status === 200
      ? error.withHint(
          'Give the reports of all parts as files, with `reports`: then those on the plan are not needed.',
        )
      : error
  }
}

function open({ digest }: Descriptor, hanger: Hanger): Promise<AttachedReport | undefined> {
  const { plan, repository, warn } = hanger
  const name = placeOf({ repository: repository.name, digest })
  return unlessUseless(name, warn, async () => {
    const manifest = await repository.fetchManifest(digest)
    if (manifest === undefined) throw useless('it does not exist')
    const subject = manifest.subject?.digest
    if (subject !== plan) throw useless(`it is about ${subject ?? 'nothing'}`)
    if (manifest.artifactType !== MEDIA_TYPES.savedReport) return undefined
    return describe(name, manifest, hanger)
  })
}

function describe(name: string, manifest: Manifest, { repository, warn }: Hanger): AttachedReport {
  const { annotations, descriptor } = manifest
  if (descriptor.size > LARGEST_MANIFEST) throw useless(`its manifest has ${descriptor.size} bytes`)
  const part = annotations[REPORT_ANNOTATIONS.part]
  if (part === undefined) throw useless('it does not say of which part it is')
  const size = manifest.kind === 'image' ? (manifest.layers[0]?.size ?? 0) : 0
  if (size > LARGEST_REPORT)
    throw useless(`it has ${size} bytes, more than the ${LARGEST_REPORT} that are read`)
  const wanted = { type: MEDIA_TYPES.savedReport, limit: LARGEST_REPORT }
  return {
    name,
    part,
    // Without a time it is the last to be read.
    savedAt: Date.parse(annotations[REPORT_ANNOTATIONS.savedAt] ?? '') || 0,
    size,
    read: () => unlessUseless(name, warn, () => readArtifactText(manifest, wanted, repository)),
  }
}

/** What is about the thing that was pushed is a warning; what the registry fails at, or what ends the run, is thrown. */
async function unlessUseless<T>(
  name: string,
  warn: Hanger['warn'],
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof PromotionError) || !isAboutContent(error)) throw error
    warn(`${name} is listed as hanging on the plan, and is left out: ${error.message}`)
    return undefined
  }
}

function isAboutContent(error: PromotionError): boolean {
  if (error instanceof RegistryError) return error.status === 200 || error.status === 404
  return error.kind === 'registry' || error.kind === 'input'
}

function useless(why: string): PromotionError {
  return new PromotionError('input', why)
}
