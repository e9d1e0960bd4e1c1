import pMap from 'p-map'
import { IMAGES_AT_A_TIME } from '../concurrency.ts'
import { asPromotionError, type PromotionError, throwAll } from '../errors.ts'
import { isLayout } from '../oci/layout-name.ts'
import { formatRepository } from '../oci/reference.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { PushRight, ReferrersPlace, Registries, TargetRepository } from '../registry/repository.ts'
import type { PreflightFacts, PreflightFinding } from './preflight-finding.ts'
import type { ProbeFinding } from './probe-repository.ts'
import type { WrittenTarget } from './written-targets.ts'

/** `look`: nothing is written. `try`: an upload is begun and given up. `probe`: artifacts are pushed and deleted besides. */
export type PreflightDepth = 'look' | 'try' | 'probe'

/** What a preflight works with; `tidying` are the same registries where the end of the run ends nothing. */
export interface PreflightServices {
  readonly registries: Registries
  readonly tidying: Registries
}

/** Finds out whether what a plan writes can be written, before any of it is: side by side, so that all problems are told together. */
export function preflight(
  targets: readonly WrittenTarget[],
  depth: PreflightDepth,
  services: PreflightServices,
): Promise<readonly PreflightFinding[]> {
  // A layout is written to by whoever has the disk, which need not be this machine.
  const asked = depth === 'look' ? targets.filter(({ repository }) => !isLayout(repository)) : targets
  return pMap(asked, (target) => findOut(target, depth, services), { concurrency: IMAGES_AT_A_TIME })
}

/** Throws all that would keep the targets from being written to. */
export function requireReady(findings: readonly PreflightFinding[]): void {
  throwAll(findings.flatMap(({ errors }) => errors))
}

/** What was found out before something failed is kept. */
async function findOut(
  target: WrittenTarget,
  depth: PreflightDepth,
  services: PreflightServices,
): Promise<PreflightFinding> {
  const { repository: name, location } = target
  const repository = services.registries.target(name)
  let facts: PreflightFacts = { repository: formatRepository(name), write: 'unknown', referrers: 'unknown' }
  let probed: ProbeFinding | undefined
  const finding = (...errors: readonly PromotionError[]): PreflightFinding => ({
    facts: { ...facts, ...(probed && { probe: probed.probe }) },
    errors: [...(probed?.errors ?? []), ...errors].map((error) => error.locatedAt(location)),
    // Whoever applies the plan may have other credentials.
    warnings:
      depth === 'look' && facts.write === 'refused' ? [withoutRight(facts)] : (probed?.warnings ?? []),
  })
  try {
    facts = { ...facts, write: await askToWrite(repository, depth) }
    if (depth === 'probe' && !isLayout(name)) probed = await probe(target, services)
    if (probed?.ended !== undefined) throw probed.ended
    // Last, since a registry may not say it of a repository that was never written to.
    facts = { ...facts, referrers: await askForPlace(target, repository) }
    return finding()
  } catch (thrown) {
    const error = asPromotionError(thrown)
    const isRefused = depth !== 'look' && facts.write === 'unknown' && isForGood(error)
    if (isRefused) facts = { ...facts, write: 'refused' }
    return finding(error)
  }
}

async function probe(
  target: WrittenTarget,
  { registries, tidying }: PreflightServices,
): Promise<ProbeFinding> {
  // Loaded when it is asked for: most runs push nothing to find something out.
  const { probeRepository } = await import('./probe-repository.ts')
  return probeRepository(target, registries.target(target.repository), tidying.target(target.repository))
}

async function askToWrite(repository: TargetRepository, depth: PreflightDepth): Promise<PushRight> {
  const asked = repository.preflight()
  if (depth === 'look') return await asked.pushRight()
  await asked.tryUpload()
  return 'granted'
}

async function askForPlace(
  { referrers }: WrittenTarget,
  repository: TargetRepository,
): Promise<ReferrersPlace> {
  const subject = referrers[0]?.subject
  return subject === undefined ? 'unknown' : await repository.preflight().referrersPlace(subject.digest)
}

/** Whether a registry has refused, and will do so again. */
function isForGood(error: unknown): boolean {
  return error instanceof RegistryError && error.status !== undefined && !error.transient
}

function withoutRight({ repository }: PreflightFacts): string {
  return `${repository}: the token for this account does not allow to push; promoting needs an account that may`
}
