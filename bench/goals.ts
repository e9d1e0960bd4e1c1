import {
  COMPLETE,
  faster,
  type Goal,
  type Judged,
  lessCpu,
  type Measured,
  memoryAtMost,
  readOnce,
  requestsAtMost,
  within,
  withinOwn,
} from './goal-kinds.ts'
import { OURS, OURS_UNVERIFIED } from './tools/ours.ts'
import type { WorkloadName } from './workloads.ts'

/** The goals of a release that is promoted for the first time, again unchanged, and again with one image changed. */
function releaseGoals(first: WorkloadName, again: WorkloadName, changed: WorkloadName): readonly Goal[] {
  const link = '25 ms'
  const verified = (workload: WorkloadName, than: string) => ({ ours: OURS, workload, link, than })
  const unverified = (workload: WorkloadName, than: string) => ({
    ...verified(workload, than),
    ours: OURS_UNVERIFIED,
  })
  return [
    faster(2.5, verified(first, COMPLETE)),
    faster(5, verified(first, 'imgpkg')),
    faster(4, verified(first, 'cosign copy')),
    lessCpu(4, verified(first, COMPLETE)),
    readOnce(first, link),
    requestsAtMost(48, OURS, first),
    faster(3, unverified(first, COMPLETE)),
    requestsAtMost(38, OURS_UNVERIFIED, first),
    faster(1, verified(again, COMPLETE)),
    faster(3, verified(again, 'regctl')),
    faster(6, verified(again, 'cosign copy')),
    faster(15, verified(again, 'imgpkg')),
    faster(2.5, unverified(again, COMPLETE)),
    requestsAtMost(3, OURS_UNVERIFIED, again),
    withinOwn(1.7, OURS, [changed, link], [again, link]),
    withinOwn(1.7, OURS_UNVERIFIED, [changed, link], [again, link]),
  ]
}

/** Every goal of the performance design, in its order; those of a release twice, for both ways to lay it out. */
export const GOALS: readonly Goal[] = [
  ...releaseGoals('BR', 'CR', 'DR'),
  ...releaseGoals('B', 'C', 'D'),
  within(1.4, { ours: OURS_UNVERIFIED, workload: 'A', link: 'loopback', than: 'crane' }),
  within(1.02, { ours: OURS_UNVERIFIED, workload: 'A', link: '2 Gbit/s', than: 'crane' }),
  memoryAtMost(200, 'A'),
  withinOwn(1.4, OURS, ['F', 'slow source'], ['B1', 'slow source']),
  readOnce('F', 'slow source'),
  faster(8, { ours: 'ours sign', workload: 'G', link: '25 ms', than: 'cosign sign' }),
]

/** All goals that these measurements can judge. */
export function judgeGoals(measured: Measured): readonly Judged[] {
  return GOALS.flatMap(({ what, judge }) => {
    const judged = judge(measured)
    return judged ? [{ goal: what, ...judged }] : []
  })
}
