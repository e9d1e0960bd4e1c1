import { resolve } from 'node:path'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import { LARGEST_TEXT } from '../files/largest-text.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { readTextFiles } from '../files/read-text-files.ts'
import { writeWhole } from '../files/write-whole.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { artifactIn, isArtifactPlace, placeOf, repositoryIn } from '../oci/plan-place.ts'
import type { Registries } from '../registry/repository.ts'
import { readArtifactText } from './artifact-text.ts'
import { listAttachedReports } from './attached-reports.ts'
import { type AttachedReport, type Handover, LARGEST_REPORT, type SavedReport } from './handover.ts'
import { fetchPlanManifest, savePlanArtifact } from './plan-artifact.ts'
import { saveReportArtifact } from './report-artifacts.ts'

/** What plans and reports are handed on with. */
export interface HandoverMeans {
  readonly registries: Registries
  /** Where the paths of files start. */
  readonly workingDirectory: string
  readonly warn: (message: string) => void
  readonly signal: AbortSignal
  /** Other waits than the product's own for whoever runs it under test. */
  readonly patience?: readonly number[]
}

/** Plans and reports in files and in registries. */
export class PlanHandover implements Handover {
  readonly #means: HandoverMeans

  constructor(means: HandoverMeans) {
    this.#means = means
  }

  async savePlan(place: string, text: string): Promise<string> {
    requireReadable(text, LARGEST_TEXT, 'Split the list, and make a plan of each part.')
    const { registries, workingDirectory } = this.#means
    if (isArtifactPlace(place)) {
      return placeOf(await savePlanArtifact(text, registries.target(repositoryIn(place))))
    }
    await writeWhole(resolve(workingDirectory, place), text)
    return place
  }

  async readPlan(place: string): Promise<string> {
    const { registries, workingDirectory } = this.#means
    if (!isArtifactPlace(place)) return (await readTextFile(place, workingDirectory, LARGEST_TEXT)).text
    const { repository, digest } = artifactIn(place)
    const source = registries.source(repository)
    const wanted = { type: MEDIA_TYPES.savedPlan, limit: LARGEST_TEXT }
    return await readArtifactText(await fetchPlanManifest(digest, source), wanted, source)
  }

  async saveReport(place: string, part: string, text: string): Promise<void> {
    if (!isArtifactPlace(place)) return
    requireReadable(
      text,
      LARGEST_REPORT,
      'Cut the plan into more parts, or hand on plan and reports as files.',
    )
    const { repository, digest } = artifactIn(place)
    const { registries, signal, patience } = this.#means
    const report = { part, text, signal, ...(patience && { patience }) }
    await saveReportArtifact(report, digest, registries.target(repository))
  }

  async listReports(place: string): Promise<readonly AttachedReport[]> {
    if (!isArtifactPlace(place)) return []
    const { repository, digest } = artifactIn(place)
    const { registries, warn } = this.#means
    return await listAttachedReports({ plan: digest, repository: registries.source(repository), warn })
  }

  async readReports<T>(paths: readonly string[], use: (report: SavedReport) => T): Promise<readonly T[]> {
    const problems: PromotionError[] = []
    const search = {
      workingDirectory: this.#means.workingDirectory,
      limit: LARGEST_TEXT,
      hint: 'Correct the pattern, or check that the reports are brought here before this step.',
      note: (problem: unknown) => problems.push(asPromotionError(problem)),
    }
    const read = await readTextFiles(paths, search, ({ file, text }) => use({ name: file, text }))
    throwAll(problems)
    return read
  }
}

/** What could not be read again must not be approved. */
function requireReadable(text: string, limit: number, hint: string): void {
  const size = Buffer.byteLength(text)
  if (size <= limit) return
  throw new PromotionError('input', `What is to be saved has ${size} bytes, and ${limit} are read at most`, {
    hint,
  })
}
