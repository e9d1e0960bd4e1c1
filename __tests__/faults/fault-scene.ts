import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/main.ts'
import type { Digest } from '../../src/oci/digest.ts'
import type { Surroundings } from '../../src/services/surroundings.ts'
import { buildAttestation, buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys, type KeyPair } from '../builders/build-keys.ts'
import { buildLock } from '../builders/build-lock.ts'
import { type BuiltAttachment, BuiltSample, buildCompleteSample } from '../builders/build-sample.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import type { Run } from '../builders/promotion-scene.ts'
import { RecordingReporter } from '../fakes/recording-reporter.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import type { PlantedSecret } from '../security/find-secrets.ts'

/** The registry that plays the fault. */
export type Side = 'source' | 'target'

/** One image that is promoted, from `team/NAME` to `prod/NAME`. */
export interface PromotedImage {
  readonly name: string
  readonly sample: BuiltSample
}

/** More than a blob that is read into memory as a whole, so that it is streamed. */
const LARGE = 1.25 * 1024 * 1024
const PASSWORD = 'correct horse+battery/staple'
const ACCOUNT = { username: 'robot$ci', password: PASSWORD }
const KEYS = buildKeys()
const OTHERS_KEYS = buildKeys()
const IMAGES = buildImages(KEYS)
/** What the target holds under the tag that will move. */
const FORMER = buildImage({ seed: 'the release before' })

/**
 * A source with two signed images, and a target that holds the release before, signed, and what others have attached to the new one
 * already. Both want a login.
 */
export class FaultScene {
  readonly source: RegistryServer
  readonly target: RegistryServer
  readonly images = IMAGES
  readonly secrets: readonly PlantedSecret[] = [{ name: 'the password', value: PASSWORD }]
  readonly #folder: string

  private constructor(source: RegistryServer, target: RegistryServer, folder: string) {
    this.source = source
    this.target = target
    this.#folder = folder
  }

  /** Starts both registries, one of them with these switches. */
  static async start(side: Side, switches: Partial<RegistrySwitches> = {}): Promise<FaultScene> {
    const auth = { by: 'bearer', accounts: [ACCOUNT] } as const
    const scene = new FaultScene(
      await startRegistry({ auth, ...(side === 'source' && switches) }),
      await startRegistry({ auth, ...(side === 'target' && switches) }),
      await mkdtemp(join(tmpdir(), 'fault-')),
    )
    for (const { name, sample } of IMAGES) sample.putInto(scene.source.store, `team/${name}`, 'v1')
    for (const artifact of presentAtTarget()) artifact.putInto(scene.target.store, 'prod/app')
    FORMER.putInto(scene.target.store, 'prod/app', 'v1')
    await writeFile(join(scene.#folder, 'cosign.pub'), KEYS.publicPem)
    await writeFile(join(scene.#folder, 'images.yml'), buildLock(scene.#entries()))
    return scene
  }

  /** Promotes both images under the tag v1, which is there for one of them, and moves it. */
  async promote(pace: Surroundings['pace']): Promise<Run> {
    const reporter = new RecordingReporter()
    const logins = [this.source, this.target].map(({ host }) => `${host} ${ACCOUNT.username} ${PASSWORD}`)
    const inputs = new Map([
      ['lock', 'images.yml'],
      ['to', `${this.target.host}/prod/{name}`],
      ['public-key', join(this.#folder, 'cosign.pub')],
      ['tags', 'v1'],
      ['existing-tags', 'move'],
      ['registries', logins.join('\n')],
    ])
    const exitCode = await main(() => inputs, reporter, {
      environment: {},
      workingDirectory: this.#folder,
      signal: new AbortController().signal,
      ...(pace && { pace }),
    })
    return { exitCode, result: reporter.result, reporter }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.source.stop(), this.target.stop()])
    await rm(this.#folder, { recursive: true, force: true })
  }

  #entries() {
    return IMAGES.map(({ name, sample }) => ({
      image: `${this.source.host}/team/${name}@${sample.image.digest}`,
    }))
  }
}

function buildImages(keys: KeyPair): readonly PromotedImage[] {
  const app = buildCompleteSample('promoted', keys)
  // A layer in common, so that the second repository mounts from the first.
  const [, layer] = app.image.blobs
  const tool = buildImage({ seed: 'tool', layers: [randomBytes(LARGE), layer?.bytes ?? Buffer.alloc(0)] })
  return [
    { name: 'app', sample: app },
    { name: 'tool', sample: new BuiltSample(tool, [], attachedTo(tool, keys)) },
  ]
}

function attachedTo(image: BuiltArtifact, keys: KeyPair): readonly BuiltAttachment[] {
  const { descriptor, digest } = image
  return [
    { subject: digest, kind: 'sig', artifact: buildSignatures(descriptor, [{ keys }]) },
    {
      subject: digest,
      kind: 'att',
      artifact: buildAttestation(descriptor, keys, 'https://slsa.dev/provenance/v1'),
    },
    {
      subject: digest,
      kind: 'referrer',
      artifact: buildReferrer(descriptor, 'application/vnd.example.scan', 'tool'),
    },
  ]
}

/** What others have put beside the new image and the former one: a run must neither lose it nor stumble over it. */
function presentAtTarget(): readonly BuiltArtifact[] {
  const promoted = IMAGES.map(({ sample }) => sample.image.descriptor).slice(0, 1)
  return [
    ...promoted.map((subject) => buildSignatures(subject, [{ keys: OTHERS_KEYS }])),
    ...promoted.map((subject) => buildReferrer(subject, 'application/vnd.example.scan', 'of another team')),
    buildSignatures(FORMER.descriptor, [{ keys: OTHERS_KEYS }]),
  ]
}

/** Tags and digests of all that a registry holds. */
export function heldBy({ store }: RegistryServer): ReadonlySet<string> {
  return new Set(
    store.names().flatMap((name) => {
      const { tags, manifests, blobs } = store.repository(name)
      return [...tags.keys(), ...manifests.keys(), ...blobs.keys()]
    }),
  )
}

/** The digest of the image that the tag v1 of the target pointed at before. */
export const FORMER_DIGEST: Digest = FORMER.digest
