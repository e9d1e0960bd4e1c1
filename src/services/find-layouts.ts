import { PromotionError } from '../errors.ts'
import type { Settings } from '../inputs/settings.ts'
import type { LayoutRegistries } from '../layout/layout-registries.ts'
import { isLayout, LAYOUT_PREFIX } from '../oci/layout-name.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { Surroundings } from './surroundings.ts'

/** The layouts of a run; undefined, and not loaded, where the settings name none. Throws a PromotionError of kind `input` for cosign. */
export async function findLayouts(
  settings: Settings,
  { workingDirectory, signal }: Surroundings,
): Promise<LayoutRegistries | undefined> {
  const { from, to, verification, signing } = settings
  if (from === undefined && !to.some((template) => template.startsWith(LAYOUT_PREFIX))) return undefined
  if (signing.by !== 'nobody' && signing.signer === 'cosign') throw onlyNative('signer')
  if (verification.by !== 'nobody' && verification.verifier === 'cosign') throw onlyNative('verifier')
  const { LayoutRegistries } = await import('../layout/layout-registries.ts')
  return new LayoutRegistries(workingDirectory, signal)
}

/** Registries that are the layouts for the names of those. */
export function withLayouts(registries: Registries, layouts: LayoutRegistries | undefined): Registries {
  if (layouts === undefined) return registries
  const at = (name: RepositoryName) => (isLayout(name) ? layouts : registries)
  return { source: (name) => at(name).source(name), target: (name) => at(name).target(name) }
}

function onlyNative(input: 'signer' | 'verifier'): PromotionError {
  return new PromotionError('input', `\`${input}\` is cosign, which cannot look into an OCI layout`, {
    hint: `Leave out \`${input}\` when images are read from or written to a layout.`,
  })
}
