import { readTextFile } from '../files/read-text-file.ts'
import { parseReport } from './parse-report.ts'
import type { ReportedRun } from './reported-run.ts'

/** Bytes; the report of 5,000 images at three targets is about half of it. */
const LIMIT = 128 * 1024 * 1024

/** Reads the report at a path, which starts at the working directory. Throws a PromotionError of kind `input` with the file as its place. */
export async function readReport(file: string, workingDirectory: string): Promise<ReportedRun> {
  const { text } = await readTextFile(file, workingDirectory, LIMIT)
  return parseReport(text, file)
}
