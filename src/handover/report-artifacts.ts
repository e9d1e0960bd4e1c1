import { pause, runAll } from '../concurrency.ts'
import { makeArtifact } from '../oci/artifact.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { formatRepository } from '../oci/reference.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import { readArtifactText } from './artifact-text.ts'
import type { SavedReport } from './handover.ts'
import { placeOf } from './place.ts'
import { fetchPlanManifest } from './plan-artifact.ts'
import { pushArtifact } from './push-artifact.ts'

/** A report, the name that it gets from tools that write it to a disk, and what ends the wait for a turn to list it. */
export interface NewReport {
  readonly file: string
  readonly text: string
  readonly signal: AbortSignal
  /** Milliseconds; left out: PATIENCE. */
  readonly patience?: readonly number[]
}

/**
 * Where referrers are listed under a tag, every job of a matrix writes that tag, and all may end at the same moment: milliseconds within which
 * each comes back, by chance, for another turn at it.
 */
const PATIENCE: readonly number[] = [10_000, 20_000, 40_000, 60_000, 60_000]

/** Hangs a report on a saved plan as a referrer. */
export async function saveReportArtifact(
  { file, text, signal, patience = PATIENCE }: NewReport,
  plan: Digest,
  repository: TargetRepository,
): Promise<void> {
  const { descriptor: subject } = await fetchPlanManifest(plan, repository)
  const artifact = makeArtifact({ type: MEDIA_TYPES.savedReport, content: Buffer.from(text), file, subject })
  await pushArtifact(artifact, repository, async (manifest) => {
    await repository.pushManifest(manifest)
    for (const window of patience) {
      if (await hasListed(manifest, repository)) return
      await pause(Math.random() * window, signal)
    }
    await repository.listAsReferrer(manifest)
  })
}

/** `false` where others wrote the list all the while. */
async function hasListed(referrer: Manifest, repository: TargetRepository): Promise<boolean> {
  try {
    await repository.listAsReferrer(referrer)
    return true
  } catch (error) {
    if (error instanceof RegistryError && error.lostTurn) return false
    throw error
  }
}

/** All reports that hang on a saved plan. A list is a claim: what it names and is none of them is left out, with a warning where it is gone or another plan's. */
export async function readReportArtifacts(
  plan: Digest,
  repository: SourceRepository,
  warn: (message: string) => void,
): Promise<readonly SavedReport[]> {
  const listed = await repository.listReferrers(plan)
  const read = await runAll(
    listed,
    async ({ digest }) => {
      const manifest = await repository.fetchManifest(digest)
      const subject = manifest?.subject?.digest
      if (manifest === undefined || subject !== plan) {
        const why = manifest === undefined ? 'does not exist' : `is about ${subject ?? 'nothing'}`
        warn(
          `${formatRepository(repository.name)} lists ${digest} for the plan ${plan}, and it ${why}: left out`,
        )
        return undefined
      }
      if (manifest.artifactType !== MEDIA_TYPES.savedReport) return undefined
      return {
        name: placeOf({ repository: repository.name, digest }),
        text: await readArtifactText(manifest, MEDIA_TYPES.savedReport, repository),
      }
    },
    () => undefined,
  )
  return read.filter((report) => report !== undefined)
}
