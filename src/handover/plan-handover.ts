import { resolve } from 'node:path'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { readTextFiles } from '../files/read-text-files.ts'
import { writeWhole } from '../files/write-whole.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import type { Registries } from '../registry/repository.ts'
import { readArtifactText } from './artifact-text.ts'
import { type Handover, LARGEST_TEXT, type SavedReport } from './handover.ts'
import { artifactIn, isInRegistry, placeOf, repositoryIn } from './place.ts'
import { fetchPlanManifest, savePlanArtifact } from './plan-artifact.ts'
import { readReportArtifacts, saveReportArtifact } from './report-artifacts.ts'

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
    requireReadable(text)
    const { registries, workingDirectory } = this.#means
    if (isInRegistry(place)) {
      return placeOf(await savePlanArtifact(text, registries.target(repositoryIn(place))))
    }
    await writeWhole(resolve(workingDirectory, place), text)
    return place
  }

  async readPlan(place: string): Promise<string> {
    const { registries, workingDirectory } = this.#means
    if (!isInRegistry(place)) return (await readTextFile(place, workingDirectory, LARGEST_TEXT)).text
    const { repository, digest } = artifactIn(place)
    const source = registries.source(repository)
    return await readArtifactText(await fetchPlanManifest(digest, source), MEDIA_TYPES.savedPlan, source)
  }

  async saveReport(plan: string, file: string, text: string): Promise<void> {
    if (!isInRegistry(plan)) return
    requireReadable(text)
    const { repository, digest } = artifactIn(plan)
    const { registries, signal, patience } = this.#means
    const report = { file, text, signal, ...(patience && { patience }) }
    await saveReportArtifact(report, digest, registries.target(repository))
  }

  async readReports(plan: string, paths: readonly string[]): Promise<readonly SavedReport[]> {
    return [...(await this.#readAttached(plan)), ...(await this.#readFiles(paths))]
  }

  async #readAttached(plan: string): Promise<readonly SavedReport[]> {
    if (!isInRegistry(plan)) return []
    const { repository, digest } = artifactIn(plan)
    const { registries, warn } = this.#means
    return await readReportArtifacts(digest, registries.source(repository), warn)
  }

  async #readFiles(paths: readonly string[]): Promise<readonly SavedReport[]> {
    const problems: PromotionError[] = []
    const found = await readTextFiles(paths, {
      workingDirectory: this.#means.workingDirectory,
      limit: LARGEST_TEXT,
      hint: 'Correct the pattern, or check that the reports are brought here before this step.',
      note: (problem) => problems.push(asPromotionError(problem)),
    })
    throwAll(problems)
    return found.map(({ file, text }) => ({ name: file, text }))
  }
}

/** What could not be read again must not be approved. */
function requireReadable(text: string): void {
  const size = Buffer.byteLength(text)
  if (size <= LARGEST_TEXT) return
  throw new PromotionError(
    'input',
    `What is to be saved has ${size} bytes, and ${LARGEST_TEXT} are read at most`,
    {
      hint: 'Split the list, and make a plan of each part.',
    },
  )
}
