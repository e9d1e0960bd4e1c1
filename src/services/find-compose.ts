import type { ComposeDocument } from '../compose/load-compose.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Reporter } from '../report/reporter.ts'
import type { Surroundings } from './surroundings.ts'

/** What reads the compose files of the settings; undefined where they name none, so that other runs load nothing of it. */
export function findCompose(
  { compose }: Settings,
  { environment, workingDirectory }: Surroundings,
  reporter: Reporter,
): (() => Promise<ComposeDocument>) | undefined {
  if (compose.files.length === 0) return undefined
  return async () => {
    const { loadCompose } = await import('../compose/load-compose.ts')
    return await loadCompose({ ...compose, environment, workingDirectory }, reporter)
  }
}
