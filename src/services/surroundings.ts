import type { Environment } from '../cosign/run-cosign.ts'
import type { RegistryOptions } from '../registry/remote-registries.ts'

/** What comes from around the program. */
export interface Surroundings {
  readonly environment: Environment
  readonly workingDirectory: string
  readonly signal: AbortSignal
  /** Asks the runner for an identity token; without it this program speaks to the runner itself. */
  readonly getIdentityToken?: () => Promise<string>
  /** Has a secret hidden in whatever this program and others print from now on. */
  readonly hide?: (secret: string) => void
  /** Other times than the product's own for whoever runs it under test. */
  readonly pace?: Pick<RegistryOptions, 'retry' | 'idleTimeout' | 'mergePause'>
}
