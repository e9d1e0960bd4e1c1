import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import { answer } from '../fakes/registry-exchange.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import { PUBLIC_NAME, PublicName } from './public-name.ts'
import { credentialHeaders, guarded, logins, requestsElsewhere, secureScene } from './secure-scene.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const METHODS = ['basic', 'bearer'] as const

function loginTo({ source, targets }: PromotionScene): string {
  return logins(source.host, ...targets.map(({ host }) => host))
}

/** A promotion from a registry that is reached as a public one. */
function runFromPublicName(scene: PromotionScene, inputs: Readonly<Record<string, string>> = {}) {
  const images = `${PUBLIC_NAME}/${SOURCE_PATH}@${scene.sample.image.digest}`
  return scene.run({ lock: '', images, registries: logins(PUBLIC_NAME, scene.target.host), ...inputs })
}

describe('4. Credentials do not follow a redirect to another origin, its port included', () => {
  for (const by of METHODS) {
    test(`of blobs, with ${by} auth: all is promoted, and the storage was shown nothing`, async () => {
      await using scene = await secureScene({ auth: guarded(by), redirectBlobs: true }, [
        { auth: guarded(by) },
      ])
      const { exitCode, result } = await scene.run({ registries: loginTo(scene) })
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.ok(requestsElsewhere(scene.source).length > 10)
      assert.deepEqual(credentialHeaders(requestsElsewhere(scene.source)), [])
    })

    test(`of several hops and back again, with ${by} auth: they do not come back either`, async () => {
      await using scene = await secureScene({ auth: guarded(by) })
      const { source } = scene
      const hops: Readonly<Record<string, string>> = {
        '/hop/1': `http://${source.hostElsewhere}/hop/2`,
        '/hop/2': `http://${source.host}/hop/3`,
      }
      source.fault(
        ({ method, path }) => method === 'GET' && path.includes('/manifests/'),
        ALWAYS,
        (_, proceed) => {
          const own = proceed()
          return own.status === 200 ? answer(307, { location: `http://${source.hostElsewhere}/hop/1` }) : own
        },
      )
      source.fault(
        ({ path }) => path.startsWith('/hop/'),
        ALWAYS,
        ({ path }) => {
          const next = hops[path]
          return next === undefined ? answer(418) : answer(307, { location: next })
        },
      )
      const { exitCode } = await scene.run({ registries: loginTo(scene) })
      assert.equal(exitCode, 4)
      const hopped = source.requests.filter(({ path }) => path.startsWith('/hop/'))
      assert.deepEqual(
        new Set(hopped.map(({ path, origin }) => `${origin}${path}`)),
        new Set(['elsewhere/hop/1', 'elsewhere/hop/2', 'registry/hop/3']),
      )
      assert.deepEqual(credentialHeaders(hopped), [])
    })

    test(`to a storage that asks for them, with ${by} auth`, async () => {
      await using scene = await secureScene({ auth: guarded(by), redirectBlobs: true })
      for (const challenge of [
        'Basic realm="storage"',
        `Bearer realm="http://${scene.source.hostElsewhere}/token"`,
      ]) {
        scene.source.fault(({ path }) => path.startsWith('/storage/'), ALWAYS, {
          status: 401,
          headers: { 'www-authenticate': challenge },
        })
        assert.equal((await scene.run({ registries: loginTo(scene) })).exitCode, 4)
        scene.source.clearFaults()
      }
      const paths = new Set(requestsElsewhere(scene.source).map(({ path }) => path.split('/')[1]))
      assert.deepEqual([...paths], ['storage'])
    })
  }

  test('cookies are never kept, and what is kept for other products is never made', async () => {
    await using scene = await secureScene({ auth: guarded('basic'), redirectBlobs: true })
    scene.source.fault(
      () => true,
      ALWAYS,
      (_, proceed) => {
        const own = proceed()
        return { ...own, headers: { ...own.headers, 'set-cookie': 'session=of-the-registry; Path=/' } }
      },
    )
    assert.equal((await scene.run({ registries: loginTo(scene) })).exitCode, 0)
    const shown = new Set(
      credentialHeaders([...scene.source.requests, ...scene.target.requests]).map(
        (one) => one.split(': ')[1],
      ),
    )
    assert.deepEqual([...shown], ['authorization'])
  })

  test('from https to http nothing is followed', async () => {
    await using scene = await secureScene({ redirectBlobs: true })
    await using name = await PublicName.start(scene.source.host)
    const { exitCode, result } = await runFromPublicName(scene)
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /which would give up encryption/)
    assert.deepEqual(requestsElsewhere(scene.source), [])
    assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${PUBLIC_NAME}:443`]))
  })
})

describe('5. Credentials do not follow an upload Location (CVE-2026-50151)', () => {
  for (const by of METHODS) {
    test(`to another port, with ${by} auth: all is uploaded there, and it was shown nothing`, async () => {
      await using scene = await secureScene({}, [{ auth: guarded(by), uploadLocation: 'elsewhere' }])
      const { exitCode, result } = await scene.run({ registries: loginTo(scene) })
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.ok(requestsElsewhere(scene.target).length > 10)
      assert.deepEqual(credentialHeaders(requestsElsewhere(scene.target)), [])
    })
  }

  for (const [what, location, why] of [
    ['a link-local address', 'http://169.254.169.254/latest/meta-data', /a link-local address/],
    ['a link-local address inside IPv6', 'http://[::ffff:169.254.169.254]/', /a link-local address/],
    ['a URL with credentials', 'http://bob:secret@127.0.0.1/upload', /with credentials in the URL/],
    ['plain http on another host', 'http://storage.example/upload', /plain http to a host/],
    ['a file', 'file:///etc/passwd', /neither http nor https/],
  ] as const) {
    test(`${what} is refused, nothing is sent there and no tag moves`, async () => {
      await using scene = await secureScene({}, [{ auth: guarded('basic') }])
      await using name = await PublicName.start(scene.source.host)
      redirectUploads(scene.target, location)
      const { exitCode, result } = await scene.run({ registries: loginTo(scene) })
      assert.equal(exitCode, 4)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.ok(!JSON.stringify(result).includes('bob:secret'))
      assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
      assert.deepEqual(
        writesTo(scene.target).filter(({ method }) => method !== 'POST'),
        [],
      )
      assert.deepEqual(name.asked, [])
    })
  }

  for (const [what, location, why] of [
    ['https to http', `http://${PUBLIC_NAME}/upload`, /which would give up encryption/],
    ['a public host to a private address', 'https://10.0.0.1/upload', /a private address on another host/],
    ['a public host to loopback', 'https://127.0.0.1/upload', /a private address on another host/],
    ['a public host to a link-local address', 'https://169.254.169.254/', /a link-local address/],
  ] as const) {
    test(`from ${what} is refused`, async () => {
      await using scene = await secureScene()
      await using name = await PublicName.start(scene.target.host)
      redirectUploads(scene.target, location)
      const { exitCode, result } = await scene.run({ to: `${PUBLIC_NAME}/${TARGET_PATH}` })
      assert.equal(exitCode, 4)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${PUBLIC_NAME}:443`]))
    })
  }
})

function redirectUploads(registry: RegistryServer, location: string): void {
  registry.fault(
    ({ method }) => method === 'POST',
    ALWAYS,
    ({ headers }) => {
      if (registry.switches.auth.by === 'nobody' || headers.authorization !== undefined)
        return answer(202, { location })
      return answer(401, { 'www-authenticate': 'Basic realm="fake"' })
    },
  )
}
