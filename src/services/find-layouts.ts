import type { Settings } from '../inputs/settings.ts'
import type { LayoutRegistries } from '../layout/layout-registries.ts'
import { isLayout, layoutIn } from '../oci/layout-name.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { Surroundings } from './surroundings.ts'

/** The layouts of a run; undefined, and not loaded, where the settings name none. */
export async function findLayouts(
  { from, to }: Settings,
  { workingDirectory, signal }: Surroundings,
): Promise<LayoutRegistries | undefined> {
  if (from === undefined && to.every((target) => layoutIn(target) === undefined)) return undefined
  const { LayoutRegistries } = await import('../layout/layout-registries.ts')
  return new LayoutRegistries(workingDirectory, signal)
}

/** Registries that are the layouts for the names of those. */
export function withLayouts(registries: Registries, layouts: LayoutRegistries | undefined): Registries {
  if (layouts === undefined) return registries
  const at = (name: RepositoryName) => (isLayout(name) ? layouts : registries)
  return { source: (name) => at(name).source(name), target: (name) => at(name).target(name) }
}
