import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { PromotionScene, type Run, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'
import type { RecordedRequest, RegistryServer } from '../fakes/registry-server.ts'
import type { AuthSwitch, RegistrySwitches } from '../fakes/registry-switches.ts'

/** By which somebody can prove who they are. */
const CREDENTIAL_HEADERS: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-jfrog-art-api',
]

/** The password of every account in these tests. */
export const PASSWORD = 'pa ss/"w\u00f6rd" <&+>'

const watched: RegistryServer[] = []

/** Headers with credentials in these requests, each as `origin METHOD path: header`. */
export function credentialHeaders(requests: readonly RecordedRequest[]): readonly string[] {
  return requests.flatMap(({ origin, method, path, headers }) =>
    CREDENTIAL_HEADERS.filter((name) => headers[name] !== undefined).map(
      (name) => `${origin} ${method} ${path}: ${name}`,
    ),
  )
}

/** The requests to the second origin of a registry. */
export function requestsElsewhere(registry: RegistryServer): readonly RecordedRequest[] {
  return registry.requests.filter(({ origin }) => origin === 'elsewhere')
}

/** A scene whose second origins are watched: over a whole file of tests, no credentials may arrive at any of them. */
export async function secureScene(
  source: Partial<RegistrySwitches> = {},
  targets: readonly Partial<RegistrySwitches>[] = [{}],
): Promise<PromotionScene> {
  const scene = await PromotionScene.start(source, targets)
  watched.push(scene.source, ...scene.targets)
  return scene
}

/** A scene that lists an image on which nothing hangs yet. */
export async function unsignedScene(image: BuiltArtifact): Promise<PromotionScene> {
  const scene = await secureScene()
  image.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  return scene
}

/** A run that ended because an image does not satisfy the policy, and wrote nothing anywhere. */
export function requireRefused(scene: PromotionScene, { exitCode, result }: Run, why: RegExp): void {
  assert.equal(exitCode, 5)
  assert.match(result.errors.map(({ message }) => message).join('\n'), why)
  assert.equal(result.totals.verified, 0)
  assert.deepEqual([...writesTo(scene.target), ...writesTo(scene.source)], [])
}

/** Lets in the user `bob` alone. */
export function guarded(by: 'basic' | 'bearer', username = 'bob', password = PASSWORD): AuthSwitch {
  return { by, accounts: [{ username, password }] }
}

/** Lines of `registries` that log `bob` in to these hosts. */
export function logins(...hosts: readonly string[]): string {
  return hosts.map((host) => `${host} bob ${PASSWORD}`).join('\n')
}

after(() => {
  const requests = watched.flatMap(requestsElsewhere)
  const shown = credentialHeaders(requests)
  console.log(`${shown.length} credential headers in ${requests.length} requests to second origins`)
  assert.deepEqual(shown, [])
})
