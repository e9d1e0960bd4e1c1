import { LARGEST_TEXT } from '../files/largest-text.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { parseReport } from './parse-report.ts'
import type { ReportedRun } from './reported-run.ts'

/** Reads the report at a path, which starts at the working directory. Throws a PromotionError of kind `input` with the file as its place. */
export async function readReport(file: string, workingDirectory: string): Promise<ReportedRun> {
  const { text } = await readTextFile(file, workingDirectory, LARGEST_TEXT)
  return parseReport(text, file)
}
