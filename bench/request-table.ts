import { formatTable } from '../tools/markdown.ts'
import type { Run } from './run.ts'
import { OURS, OURS_UNVERIFIED } from './tools/ours.ts'

const WORKLOADS = ['BR', 'CR', 'DR', 'B', 'C', 'D']
const IMAGES = 100

/** Where the requests of this program go: those of its last runs of B, C and D, an image and by kind, of each side; `undefined` without such runs. */
export function formatRequests(runs: readonly Run[]): string | undefined {
  const columns = WORKLOADS.flatMap((workload) =>
    [OURS, OURS_UNVERIFIED].flatMap((tool) => {
      const run = runs.findLast((one) => one.workload === workload && one.tool === tool)
      return run ? [run] : []
    }),
  )
  if (columns.length === 0) return undefined
  const rows = (['source', 'target'] as const).flatMap((side) => {
    const kinds = new Set(columns.flatMap((run) => Object.keys(run[side]?.requests ?? {})))
    return [...kinds].sort().map((kind) => [
      `${side}: ${kind}`,
      ...columns.map((run) => {
        const requests = run[side]?.requests[kind]
        return requests === undefined ? '' : (requests / IMAGES).toFixed(2)
      }),
    ])
  })
  const head = columns.map(({ workload, tool }) => `${workload}, ${tool}`)
  return formatTable(['Requests an image', ...head], rows)
}
