import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { formatOutputs } from '../../src/report/outputs.ts'
import { formatSummary } from '../../src/report/summary.ts'
import type { Run } from '../builders/promotion-scene.ts'

/** All that a run of `main` told: the result as JSON, the job summary, the outputs, each line of the log. */
export function textsOfRun({ result, reporter }: Run, name = 'run'): Readonly<Record<string, string>> {
  return {
    [`${name}, result`]: JSON.stringify(result),
    [`${name}, summary`]: formatSummary(result),
    [`${name}, outputs`]: Object.values(formatOutputs(result)).join('\n'),
    [`${name}, log`]: [...reporter.infos, ...reporter.steps].join('\n'),
    [`${name}, warnings`]: reporter.warnings
      .map(({ message, location }) => `${location?.file ?? ''} ${message}`)
      .join('\n'),
  }
}

/** Every file below a folder by its path, names included, but for those that the test itself put there. */
export async function textsIn(
  folder: string,
  given: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !given.includes(entry.name))
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [relative(folder, path), `${path}\n${await readFile(path, 'utf8')}`] as const
  })
  return Object.fromEntries(await Promise.all(texts))
}
