import { join } from 'node:path'
import pLimit from 'p-limit'
import { PromotionError } from '../errors.ts'
import { basicAuth, formatDockerConfig, type Login } from './docker-config.ts'
import { withPrivateFiles } from './private-files.ts'
import { type CosignOutcome, callCosign, describeFailure, type Environment } from './run-cosign.ts'

/** A repository: the registry's host and the path in it. */
interface Place {
  readonly registry: string
  readonly path: string
}

/** What cosign is run with, whatever it does. */
export interface CosignProgramOptions {
  /** The binary, already tried. */
  readonly path: string
  readonly environment: Environment
  /** Credentials that this run was given itself, if any match; without them cosign looks into the user's docker config. */
  readonly login: (repository: Place) => Login | undefined
  /** Whether plain HTTP may be spoken to the host. */
  readonly insecure: (registry: string) => boolean
}

/** One command on one image: the first image of a command decides the form for all. */
export interface CosignCommand {
  readonly name: 'sign' | 'attest' | 'verify' | 'verify-attestation'
  readonly flags: readonly string[]
  /** Flags whose value is a file, with its text, such as `trusted-root`. */
  readonly files?: Readonly<Record<string, string>>
  /** Variables for this child alone. */
  readonly secrets?: Readonly<Record<string, string>>
  /** The URI of the key in use, if it has one. */
  readonly keyUri?: string | undefined
  /** `host/path@digest`, and the repository in it. */
  readonly image: string
  readonly repository: Place
}

/** Each is a process that keeps a processor busy. */
export const COSIGNS_AT_A_TIME = 4

const DOCKER_CONFIG = 'config.json'

/** The cosign binary as this run uses it: a process a command, not too many at a time, and with credentials for nothing but the image's registry. */
export class CosignProgram {
  readonly #options: CosignProgramOptions
  readonly #limit = pLimit(COSIGNS_AT_A_TIME)

  constructor(options: CosignProgramOptions) {
    this.#options = options
  }

  /** Runs a command, however it ends. Throws a PromotionError of kind `signing` only when it cannot be started. */
  attempt(command: CosignCommand): Promise<CosignOutcome> {
    return this.#limit(() => this.#run(command))
  }

  /** Runs a command that has to succeed. Throws a PromotionError of kind `signing` with cosign's last lines. */
  async run(command: CosignCommand): Promise<string> {
    const outcome = await this.attempt(command)
    if (outcome.exitCode === 0) return outcome.stdout
    throw new PromotionError('signing', `${command.image}: ${describeFailure(command.name, outcome)}`, {
      hint: 'These are its own words; signer: native needs no cosign.',
    })
  }

  #run(command: CosignCommand): Promise<CosignOutcome> {
    const { path, environment, login, insecure } = this.#options
    const { registry } = command.repository
    const credentials = login(command.repository)
    const files = {
      ...command.files,
      ...(credentials && { [DOCKER_CONFIG]: formatDockerConfig(registry, credentials) }),
    }
    return withPrivateFiles(files, environment.RUNNER_TEMP, (folder = '') => {
      const args = [
        command.name,
        ...command.flags,
        ...Object.keys(command.files ?? {}).map((flag) => `--${flag}=${join(folder, flag)}`),
        ...(insecure(registry) ? ['--allow-http-registry'] : []),
        command.image,
      ]
      return callCosign(path, args, {
        environment,
        own: { ...command.secrets, ...(credentials && { DOCKER_CONFIG: folder }) },
        secrets: credentials ? [credentials.password.reveal(), basicAuth(credentials)] : [],
        ...(command.keyUri !== undefined && { keyUri: command.keyUri }),
      })
    })
  }
}
