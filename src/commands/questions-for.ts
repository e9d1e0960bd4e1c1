import type { BlobQuestions } from '../plan/blob-questions.ts'
import type { Run } from './run.ts'

/**
 * Which blobs targets are asked for while a run plans. The command `plan` is exact. Whoever wants every blob read back does not rely on manifests
 * that are there already; nor does who has a server promote images, since what one writes first when it is interrupted is for it to say.
 */
export function questionsFor({ settings, services }: Run): BlobQuestions {
  if (settings.command === 'plan') return 'ask for blobs'
  return settings.readBack === 'full' || services.artifactory !== undefined
    ? 'ask for every blob'
    : 'ask while uploading'
}
