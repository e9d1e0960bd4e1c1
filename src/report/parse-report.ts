import { fileProblem } from '../files/file-problem.ts'
import { readShape } from '../files/read-shape.ts'
import { cutText } from '../oci/cut-text.ts'
import { REPORT_SCHEMA } from './report-schema.ts'
import type { ReportedRun } from './reported-run.ts'

/**
 * Reads a report of this program, whatever the command and however it ended. Throws a PromotionError of kind `input` with the file as its
 * place for anything else, and says where in the JSON it is not as a report is.
 */
export function parseReport(text: string, file: string): ReportedRun {
  const read = readShape(text, REPORT_SCHEMA)
  if ('value' in read) return read.value
  const hint = 'Give a file that the input `report` made this version of the program write, unchanged.'
  throw fileProblem(file, `is not a report of this program: ${cutText(read.problem)}`, hint)
}
