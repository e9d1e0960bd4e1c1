import { pause } from '../concurrency.ts'
import { makeArtifact } from '../oci/artifact.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { TargetRepository } from '../registry/repository.ts'
import { fetchPlanManifest } from './plan-artifact.ts'
import { pushArtifact } from './push-artifact.ts'
import { REPORT_ANNOTATIONS } from './report-annotations.ts'

/** The report of a part, such as `2/8`, and what ends the wait for a turn to list it. */
export interface NewReport {
  readonly part: string
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
  { part, text, signal, patience = PATIENCE }: NewReport,
  plan: Digest,
  repository: TargetRepository,
): Promise<void> {
  const { descriptor: subject } = await fetchPlanManifest(plan, repository)
  const artifact = makeArtifact({
    type: MEDIA_TYPES.savedReport,
    content: Buffer.from(text),
    file: `report-${part.replace('/', '-of-')}.json`,
    subject,
    annotations: {
      [REPORT_ANNOTATIONS.part]: part,
      [REPORT_ANNOTATIONS.savedAt]: new Date().toISOString(),
    },
  })
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
