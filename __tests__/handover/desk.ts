import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Handover } from '../../src/handover/handover.ts'
import { PlanHandover } from '../../src/handover/plan-handover.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { connectRegistries } from '../registry/connect.ts'

/** The repository that plans are saved in. */
export const PLANS = 'team/plans'

/** Where one job hands on. */
export interface Desk {
  readonly handover: Handover
  readonly folder: string
  readonly warnings: readonly string[]
}

/** A job with a folder of its own, which is removed after the test. */
export async function openDesk(context: TestContext): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'handover '))
  context.after(() => rm(folder, { recursive: true }))
  const warnings: string[] = []
  const registries = connectRegistries(context, { mergePause: 1 })
  const warn = (message: string) => warnings.push(message)
  const { signal } = new AbortController()
  const means = { registries, workingDirectory: folder, warn, signal, patience: [1, 1] }
  return { handover: new PlanHandover(means), folder, warnings }
}

/** A desk and a registry, with a plan saved there. */
export async function savePlan(
  context: TestContext,
  { text = '{"plan":1}', ...switches }: Partial<RegistrySwitches> & { readonly text?: string } = {},
) {
  const registry = await startRegistry(switches)
  context.after(() => registry.stop())
  const desk = await openDesk(context)
  const plan = await desk.handover.savePlan(placeAt(registry), text)
  return { ...desk, registry, plan, store: registry.store.repository(PLANS) }
}

/** The place to save plans in. */
export function placeAt({ host }: RegistryServer): string {
  return `oci://${host}/${PLANS}`
}

/** The digest in a place. */
export function digestIn(place: string): string {
  const digest = place.split('@')[1]
  assert.ok(digest)
  return digest
}
