import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from './tools.ts'

/** What podman, CRI-O and skopeo make of an image. */
export interface PolicyVerdict {
  readonly allowed: boolean
  /** Empty when it is allowed. */
  readonly reason: string
}

/** What one repository demands, as a policy.json says it. */
export type Requirement = Readonly<Record<string, unknown>>

/** Looks for signatures under the `.sig` tag everywhere. */
const EVERYWHERE = 'default-docker: { use-sigstore-attachments: true }\n'

/** The library of podman, CRI-O and skopeo, with a configuration of its own in a folder. */
export class PolicyJudge {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Paths in policies start at the folder. */
  static async open(parent: string): Promise<PolicyJudge> {
    const folder = join(parent, 'judge')
    await Promise.all(
      ['registries.d', 'registries.conf.d'].map((name) => mkdir(join(folder, name), { recursive: true })),
    )
    return new PolicyJudge(folder)
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, name), text)
  }

  /** Judges an image by demands for repositories, where everything else is rejected; throws when the image cannot be read. */
  async judge(
    image: string,
    docker: Readonly<Record<string, readonly Requirement[]>>,
    registriesD = EVERYWHERE,
  ): Promise<PolicyVerdict> {
    const policy = { default: [{ type: 'reject' }], transports: { docker } }
    await this.write('policy.json', JSON.stringify(policy))
    await this.write('registries.d/promoted.yaml', registriesD)
    return JSON.parse(await runTool(this.#folder, 'policy-judge', image)) as PolicyVerdict
  }
}
