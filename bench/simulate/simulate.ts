import { writeFile } from 'node:fs/promises'
import { FIGURES_FILE, workOutFigures } from './figures.ts'
import { readMeasuredLinks } from './measured-links.ts'
import { formatPage, PAGE } from './page.ts'

// With `--write` the page is replaced, and the figures behind it are kept for its test; otherwise it is printed.
const figures = await workOutFigures()
const page = formatPage(figures, readMeasuredLinks())
if (process.argv.includes('--write')) {
  await writeFile(FIGURES_FILE, `${JSON.stringify(figures, null, 2)}\n`)
  await writeFile(PAGE, page)
} else process.stdout.write(page)
