import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type PromotionScene, SOURCE_PATH, TARGET_PATH } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import { PUBLIC_NAME, PublicName } from './public-name.ts'
import {
  credentialHeaders,
  guarded,
  logins,
  PASSWORD,
  requestsElsewhere,
  secureScene,
} from './secure-scene.ts'

const ALWAYS = Number.POSITIVE_INFINITY

function loginTo({ source, targets }: PromotionScene): string {
  return logins(source.host, ...targets.map(({ host }) => host))
}

/** A promotion from a registry that is reached as a public one. */
function runFromPublicName(scene: PromotionScene, inputs: Readonly<Record<string, string>> = {}) {
  const images = `${PUBLIC_NAME}/${SOURCE_PATH}@${scene.sample.image.digest}`
  return scene.run({ lock: '', images, registries: logins(PUBLIC_NAME, scene.target.host), ...inputs })
}

describe('6. A token realm is not a way to reach other hosts (CVE-2026-48978)', () => {
  for (const [what, realm, why] of [
    ['a file', 'file:///etc/passwd', /neither http nor https/],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data/iam', /a link-local address/],
    ['the metadata service inside IPv6', 'http://[::ffff:a9fe:a9fe]/', /a link-local address/],
    ['plain http on another host', 'http://auth.example/token', /plain http to a host/],
    ['a URL with credentials', 'http://eve:evil@127.0.0.1/token', /with credentials in the URL/],
  ] as const) {
    test(`${what} as the realm is refused, and the password is shown to nobody`, async () => {
      await using scene = await secureScene()
      await using name = await PublicName.start(scene.source.host)
      challengeWith(scene.source, realm)
      const { exitCode, result } = await scene.run({ registries: loginTo(scene) })
      assert.equal(exitCode, 4)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.deepEqual(credentialHeaders(scene.source.requests), [])
      assert.deepEqual(name.asked, [])
    })
  }

  for (const [what, realm, why] of [
    ['an http realm', `http://${PUBLIC_NAME}/token`, /which would give up encryption/],
    ['a realm on a private address', 'https://192.168.0.1/token', /a private address on another host/],
    ['a realm on loopback', 'https://localhost/token', /a private address on another host/],
  ] as const) {
    test(`${what} of a public https registry is refused`, async () => {
      await using scene = await secureScene()
      await using name = await PublicName.start(scene.source.host)
      challengeWith(scene.source, realm)
      const { exitCode, result } = await runFromPublicName(scene)
      assert.equal(exitCode, 4)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.deepEqual(credentialHeaders(scene.source.requests), [])
      assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${PUBLIC_NAME}:443`]))
    })
  }

  test('a token request that is redirected takes no password along, and is not followed for ever', async () => {
    await using scene = await secureScene({ auth: guarded('bearer') })
    const { source } = scene
    const location = `http://${source.hostElsewhere}/token/again`
    source.fault(({ path }) => path.startsWith('/token'), ALWAYS, { status: 307, headers: { location } })
    const { exitCode, result } = await scene.run({ registries: loginTo(scene) })
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /one redirect too many/)
    const elsewhere = requestsElsewhere(source)
    assert.deepEqual(new Set(elsewhere.map(({ path }) => path)), new Set(['/token/again']))
    assert.deepEqual(credentialHeaders(elsewhere), [])
  })
})

function challengeWith(registry: RegistryServer, realm: string): void {
  const headers = { 'www-authenticate': `Bearer realm="${realm}",service="x"` }
  registry.fault(() => true, ALWAYS, { status: 401, headers })
}

describe('7. Credentials are those of the place they were given for', () => {
  test('two registries with the same user are each shown their own password', async () => {
    const auth = [
      guarded('basic', 'bob', 'password of the source'),
      guarded('basic', 'bob', 'password of the target'),
    ]
    await using scene = await secureScene({ auth: auth[0] ?? guarded('basic') }, [
      { auth: auth[1] ?? guarded('basic') },
    ])
    const registries = `${scene.source.host} bob password of the source\n${scene.target.host} bob password of the target`
    assert.equal((await scene.run({ registries })).exitCode, 0)
    assert.deepEqual(passwordsShownTo(scene.source), ['bob:password of the source'])
    assert.deepEqual(passwordsShownTo(scene.target), ['bob:password of the target'])
  })

  test('two robots on one host are told apart by path, and a path that only begins alike is not theirs', async () => {
    const accounts = [
      { username: 'reader', password: 'password of the reader', prefix: 'team' },
      { username: 'writer', password: 'password of the writer', prefix: 'prod' },
    ]
    await using scene = await secureScene({ auth: { by: 'basic', accounts } })
    const { host } = scene.source
    const registries = `${host}/team reader password of the reader\n${host}/prod writer password of the writer`
    const inputs = { registries, to: `${host}/${TARGET_PATH}` }
    const { exitCode, result } = await scene.run(inputs)
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.deepEqual(passwordsShownTo(scene.source, '/v2/team/'), ['reader:password of the reader'])
    assert.deepEqual(passwordsShownTo(scene.source, '/v2/prod/'), ['writer:password of the writer'])
    const alike = await scene.run({ ...inputs, to: `${host}/production/app` })
    assert.equal(alike.exitCode, 4)
    assert.deepEqual(passwordsShownTo(scene.source, '/v2/production/'), [])
  })

  test('a host whose name only begins like another is shown nothing, from the input or the docker config', async () => {
    await using scene = await secureScene({ auth: guarded('basic') })
    const { host } = scene.source
    const auth = Buffer.from(`bob:${PASSWORD}`).toString('base64')
    for (const other of [`${host}0`, host.slice(0, -1), `${host}.example`, host.replace(/:\d+$/, '')]) {
      const auths = { [other]: { auth }, [`https://${other}/v1/`]: { auth } }
      await writeFile(join(scene.folder, 'config.json'), JSON.stringify({ auths }))
      // A port of six digits or with a name behind it cannot be written in `registries`.
      const registries = /^127\.0\.0\.1(?::\d{1,4})?$/.test(other) ? logins(other) : ''
      const { exitCode } = await scene.run({ registries }, { environment: { DOCKER_CONFIG: scene.folder } })
      assert.equal(exitCode, 4)
    }
    assert.deepEqual(credentialHeaders(scene.source.requests), [])
  })
})

/** What Basic auth showed a registry, each once. */
function passwordsShownTo({ requests }: RegistryServer, path = ''): readonly string[] {
  const shown = requests
    .filter((request) => request.path.startsWith(path))
    .flatMap(({ headers }) => headers.authorization ?? [])
  return [...new Set(shown)].map((header) => Buffer.from(header.replace('Basic ', ''), 'base64').toString())
}
