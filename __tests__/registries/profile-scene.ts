import { PromotionError } from '../../src/errors.ts'
import { PromotionScene, type Run, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import { type RegistryProfile, ROBOT } from '../fakes/registry-profiles.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'

/** The product's own number of attempts, without the waiting. */
const PACE = { retry: { retries: 5, firstDelay: 1, longestDelay: 1, longestRetryAfter: 1 }, mergePause: 5 }

/** A promotion between two registries of one profile, both of which want a login. */
export class ProfileScene implements AsyncDisposable {
  readonly scene: PromotionScene
  readonly #login: RegistryProfile['login']

  private constructor(scene: PromotionScene, login: RegistryProfile['login']) {
    this.scene = scene
    this.#login = login
  }

  static async start(
    { switches, login }: RegistryProfile,
    atTarget: Partial<RegistrySwitches> = {},
  ): Promise<ProfileScene> {
    const scene = await PromotionScene.start(switches, [{ ...switches, ...atTarget }])
    // For a registry that makes no repository by itself.
    scene.target.store.repository(TARGET_PATH).putBlob(Buffer.from('made beforehand'))
    return new ProfileScene(scene, login)
  }

  get target(): RegistryServer {
    return this.scene.target
  }

  /** Promotes what the lock lists, logged in as the profile is; stopped when this many manifests were written, if a number is given. */
  async promote(stopAfter = Number.POSITIVE_INFINITY): Promise<Run> {
    const controller = new AbortController()
    let written = 0
    this.target.fault(isManifestPut, stopAfter, (_, proceed) => {
      written += 1
      if (written === stopAfter) controller.abort(new PromotionError('interrupted', 'Stopped by the test'))
      return proceed()
    })
    try {
      return await this.scene.run(this.#inputs(), {
        controller,
        environment: await this.#environment(),
        pace: PACE,
      })
    } finally {
      this.target.clearFaults()
    }
  }

  /** What was written to the target, tokens aside. */
  writes(): readonly string[] {
    return writesTo(this.target)
      .filter(({ path }) => /\/(?:manifests|blobs)\//.test(path))
      .map(({ method, path }) => `${method} ${path}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]()
  }

  #inputs(): Readonly<Record<string, string>> {
    if (this.#login === 'identity token') return {}
    const { username, password } = ROBOT
    return {
      registries: this.#hosts()
        .map((host) => `${host} ${username} ${password}`)
        .join('\n'),
    }
  }

  async #environment(): Promise<Readonly<Record<string, string>>> {
    if (this.#login !== 'identity token') return {}
    const auths = Object.fromEntries(
      this.#hosts().map((host) => [host, { identitytoken: ROBOT.identityToken }]),
    )
    await this.scene.write('config.json', JSON.stringify({ auths }))
    return { DOCKER_CONFIG: this.scene.folder }
  }

  #hosts(): readonly string[] {
    return [this.scene.source.host, this.target.host]
  }
}

function isManifestPut({ method, path }: RequestHead): boolean {
  return method === 'PUT' && path.includes(`/${TARGET_PATH}/manifests/`)
}
