import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { temporaryFolder } from '../builders/script.ts'
import { answer, jsonAnswer, type RequestHead } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { AuthSwitch, RegistrySwitches } from '../fakes/registry-switches.ts'
import { connect, connectWithConfig, describeBlob, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'authenticate' })
const PASSWORD = 'pa55word: with + and é'
const ROBOT = { username: 'robot', password: PASSWORD, identityToken: 'an-identity-token' }
const LOGIN = ['robot', PASSWORD] as const
const BEARER: AuthSwitch = { by: 'bearer', accounts: [ROBOT] }
const ALWAYS = Number.POSITIVE_INFINITY
const TOKENS = (request: RequestHead) => request.path === '/token'

async function registryWithImage(
  auth: AuthSwitch = BEARER,
  switches: Partial<RegistrySwitches> = {},
): Promise<RegistryServer> {
  const registry = await startRegistry({ auth, ...switches })
  IMAGE.putInto(registry.store, PATH, 'v1')
  return registry
}

function scopesAsked(registry: RegistryServer): readonly (readonly string[])[] {
  return registry.requests.filter(TOKENS).map(({ query }) => query.getAll('scope'))
}

test('logs in by Basic once it is asked to, and keeps to it', async (context) => {
  await using registry = await registryWithImage({ by: 'basic', accounts: [ROBOT] })
  const repository = connect(context, registry, { login: LOGIN })
  for (const _ of [1, 2]) assert.equal((await repository.resolve('v1'))?.digest, IMAGE.digest)
  const basic = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`
  assert.deepEqual(
    registry.requests.map(({ headers }) => headers.authorization),
    [undefined, basic, basic],
  )
})

test('a wrong password is shown to the registry once', async (context) => {
  await using registry = await registryWithImage({ by: 'basic', accounts: [ROBOT] })
  await assert.rejects(connect(context, registry, { login: ['robot', 'wrong'] }).fetchManifest('v1'), {
    message: `GET http://${registry.host}/v2/${PATH}/manifests/v1 answered 401: UNAUTHORIZED: authentication required`,
  })
  assert.ok(registry.requests.length <= 3, `${registry.requests.length} requests`)
})

for (const tokensFrom of ['registry', 'elsewhere'] as const) {
  test(`shows the password to the token service at ${tokensFrom}, and a token to the registry`, async (context) => {
    await using registry = await registryWithImage({ ...BEARER, tokensFrom })
    await connect(context, registry, { login: LOGIN }).fetchManifest('v1')
    const [anonymous, token, authorized] = registry.requests
    assert.deepEqual([anonymous?.headers.authorization, token?.origin], [undefined, tokensFrom])
    assert.match(token?.headers.authorization ?? '', /^Basic /)
    assert.match(authorized?.headers.authorization ?? '', /^Bearer /)
  })
}

test('asks for what it wants to do and no more', async (context) => {
  await using registry = await registryWithImage()
  registry.store.repository('library/base').putBlob(Buffer.from('base'))
  const repository = connect(context, registry, { login: LOGIN })
  await repository.resolve('v1')
  await repository.tag('v2', IMAGE.manifest)
  await repository.beginUpload(describeBlob('base'), { registry: registry.host, path: 'library/base' })
  await repository.removeTag('v2')
  assert.deepEqual(scopesAsked(registry), [
    [`repository:${PATH}:pull`],
    [`repository:${PATH}:pull,push`],
    [`repository:${PATH}:pull,push`, 'repository:library/base:pull'],
    [`repository:${PATH}:pull,push,delete`],
  ])
  assert.deepEqual(
    [...new Set(registry.requests.filter(TOKENS).map(({ query }) => query.get('service')))],
    ['fake-registry'],
  )
})

test('pulls without credentials where the token service gives anybody a token', async (context) => {
  await using registry = await registryWithImage({ ...BEARER, anonymousPull: true })
  const repository = connectWithConfig(context, registry, await temporaryFolder(context))
  assert.equal((await repository.resolve('v1'))?.digest, IMAGE.digest)
  assert.equal(registry.requests.find(TOKENS)?.headers.authorization, undefined)
})

test('exchanges an identity token by POST, and sends it to nobody else', async (context) => {
  await using registry = await registryWithImage()
  const folder = await temporaryFolder(context)
  const auths = { [registry.host]: { auth: '', identitytoken: ROBOT.identityToken } }
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }))
  const repository = connectWithConfig(context, registry, folder)
  assert.equal((await repository.fetchManifest('v1'))?.descriptor.digest, IMAGE.digest)
  assert.deepEqual(
    registry.requests.map(({ method, path }) => `${method} ${path}`),
    [`GET /v2/${PATH}/manifests/v1`, 'POST /token', `GET /v2/${PATH}/manifests/v1`],
  )
  assert.doesNotMatch(JSON.stringify(registry.requests), new RegExp(ROBOT.identityToken))
})

test('learns the better of several challenges, in one header or in several', async (context) => {
  await using registry = await registryWithImage()
  registry.fault(on('GET', '/manifests/'), 1, (_, proceed) => {
    const refused = proceed()
    const bearer = refused.headers['www-authenticate'] ?? ''
    const challenges = ['Basic realm="old clients"', bearer] as unknown as string
    return { ...refused, headers: { ...refused.headers, 'www-authenticate': challenges } }
  })
  await connect(context, registry, { login: LOGIN }).fetchManifest('v1')
  const shown = registry.requests.filter((request) => !TOKENS(request)).map(({ headers }) => headers)
  assert.ok(shown.every(({ authorization = '' }) => !authorization.startsWith('Basic')))
})

for (const [what, challenge, problem] of [
  ['no challenge', undefined, /401 without a challenge/],
  ['an unknown challenge', 'Negotiate', /neither Basic nor Bearer/],
  ['a long challenge', `Basic realm="${'x'.repeat(5000)}"`, /a challenge of more than 4096 characters/],
  ['a realm that is no URL', 'Bearer realm="/token"', /a realm that is not a URL/],
  ['a realm in a file', 'Bearer realm="file:///etc/passwd"', /neither http nor https/],
  ['a link-local realm', 'Bearer realm="http://169.254.169.254/latest"', /link-local/],
  ['a plain http realm elsewhere', 'Bearer realm="http://auth.example/token"', /plain http to a host/],
  ['a realm with a password', 'Bearer realm="http://a:b@127.0.0.1/"', /with credentials in the URL/],
] as const) {
  test(`${what} is refused, and the password stays here`, async (context) => {
    await using registry = await registryWithImage({ by: 'nobody' })
    const headers = challenge === undefined ? {} : { 'www-authenticate': challenge }
    registry.fault(() => true, ALWAYS, { status: 401, headers })
    await assert.rejects(connect(context, registry, { login: LOGIN }).fetchManifest('v1'), problem)
    assert.ok(registry.requests.every(({ headers }) => headers.authorization === undefined))
  })
}

for (const [what, body] of [
  ['is no JSON', '<html>'],
  ['holds no token', '{}'],
  ['holds an empty token', '{"token":"","access_token":""}'],
  ['holds a token that is no text', '{"token":{"secret":"s3cret-token"}}'],
  ['breaks off', '{"token":"s3cret-token'],
  ['has more than 128 KiB', JSON.stringify({ token: 's3cret-token', padding: 'x'.repeat(128 * 1024) })],
] as const) {
  test(`refuses an answer of the token service that ${what}, and does not quote it`, async (context) => {
    await using registry = await registryWithImage()
    registry.fault(TOKENS, ALWAYS, { status: 200, body })
    await assert.rejects(
      connect(context, registry, { login: LOGIN }).fetchManifest('v1'),
      (error: Error) =>
        /\/token answered 200 with/.test(error.message) && !/s3cret/.test(String(error.stack)),
    )
  })
}

test('takes an access_token where there is no token', async (context) => {
  await using registry = await registryWithImage()
  registry.fault(TOKENS, 1, (_, proceed) => {
    const { token } = JSON.parse(proceed().body.toString())
    return jsonAnswer(200, { access_token: token })
  })
  assert.ok(await connect(context, registry, { login: LOGIN }).fetchManifest('v1'))
})

test('asks a token service that fails again', async (context) => {
  await using registry = await registryWithImage()
  for (const play of [{ status: 503 }, 'reset', { status: 429 }, 'early end'] as const) {
    registry.fault(TOKENS, 1, play)
  }
  assert.ok(await connect(context, registry, { login: LOGIN }).fetchManifest('v1'))
  assert.equal(registry.requests.filter(TOKENS).length, 5)
})

test('one failing token request does not fail the requests after it', async (context) => {
  await using registry = await registryWithImage()
  const repository = connect(context, registry, { login: LOGIN })
  registry.fault(TOKENS, 1, { status: 403 })
  await assert.rejects(repository.fetchManifest('v1'), { status: 403 })
  assert.ok(await repository.fetchManifest('v1'))
})

test('a redirect of the token service to another origin does not take the password along', async (context) => {
  await using registry = await registryWithImage()
  const location = `http://${registry.hostElsewhere}/token`
  registry.fault(({ path, origin }) => path === '/token' && origin === 'registry', ALWAYS, {
    status: 307,
    headers: { location },
  })
  await assert.rejects(connect(context, registry, { login: LOGIN }).fetchManifest('v1'), { status: 401 })
  const elsewhere = registry.requests.filter(({ origin }) => origin === 'elsewhere')
  assert.deepEqual(
    elsewhere.map(({ headers }) => headers.authorization),
    [undefined],
  )
})

test('a right that is missing is said after few requests', async (context) => {
  const reader = { ...ROBOT, actions: ['pull'] as const }
  await using registry = await registryWithImage({ by: 'bearer', accounts: [reader] })
  const push = connect(context, registry, { login: LOGIN }).tag('v2', IMAGE.manifest)
  await assert.rejects(push, { status: 401 })
  assert.ok(registry.requests.length <= 10, `${registry.requests.length} requests`)
})

test('no secret comes back in an error, even when the registry repeats what it was sent', async (context) => {
  for (const auth of [BEARER, { by: 'basic', accounts: [ROBOT] }] as const) {
    await using registry = await registryWithImage(auth)
    registry.fault(
      ({ headers }) => headers.authorization !== undefined,
      ALWAYS,
      ({ headers }) => {
        const sent = headers.authorization ?? ''
        const login = Buffer.from(sent.replace('Basic ', ''), 'base64').toString()
        return answer(403, {}, `you sent ${sent}, ${login}, ${encodeURIComponent(PASSWORD)}`)
      },
    )
    await assert.rejects(
      connect(context, registry, { login: LOGIN }).fetchManifest('v1'),
      (error: Error & { cause?: unknown }) => {
        const shown = `${error.stack} ${String(error.cause)}`
        const encoded = Buffer.from(`robot:${PASSWORD}`).toString('base64')
        const secrets = [PASSWORD, encoded, encodeURIComponent(PASSWORD)]
        return /you sent/.test(shown) && secrets.every((secret) => !shown.includes(secret))
      },
    )
  }
})

test('an identity token that the token service repeats is not in the error', async (context) => {
  await using registry = await registryWithImage()
  const folder = await temporaryFolder(context)
  const auths = { [registry.host]: { identitytoken: ROBOT.identityToken } }
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }))
  registry.fault(TOKENS, ALWAYS, ({ body }) => answer(400, {}, `bad request: ${body.toString()}`))
  await assert.rejects(
    connectWithConfig(context, registry, folder).fetchManifest('v1'),
    (error: Error) => /bad request/.test(error.message) && !error.message.includes(ROBOT.identityToken),
  )
})

for (const auth of [BEARER, { by: 'basic', accounts: [ROBOT] }] as const) {
  test(`says whose credentials were refused by ${auth.by} auth, and where they came from`, async (context) => {
    await using registry = await registryWithImage(auth)
    const { host } = registry
    const folder = await temporaryFolder(context)
    const config = join(folder, 'config.json')
    const hint = (who: string) => ({ hint: `${host} refused ${who}: use an account that may do this.` })
    await assert.rejects(
      connect(context, registry, { login: ['robot', 'wrong'] }).fetchManifest('v1'),
      hint('the credentials of "robot" from the input `registries`'),
    )
    const wrong = Buffer.from('robot:wrong').toString('base64')
    await writeFile(config, JSON.stringify({ auths: { [host]: { auth: wrong } } }))
    await assert.rejects(
      connectWithConfig(context, registry, folder).fetchManifest('v1'),
      hint('the credentials of "robot" from the docker config'),
    )
    await writeFile(config, JSON.stringify({ auths: { [host]: { identitytoken: 'wrong' } } }))
    await assert.rejects(
      connectWithConfig(context, registry, folder).fetchManifest('v1'),
      hint('the identity token from the docker config'),
    )
    await writeFile(config, '{}')
    await assert.rejects(connectWithConfig(context, registry, folder).fetchManifest('v1'), {
      hint: `No credentials for ${host} were found: use docker login or docker/login-action, or the input \`registries\`, in a terminal SIGNED_PROMOTE_REGISTRIES.`,
    })
  })
}

test('a refusal that asked for no credentials says nothing of any', async (context) => {
  await using registry = await registryWithImage({ by: 'nobody' })
  registry.fault(on('GET'), 1, { status: 403 })
  await assert.rejects(connect(context, registry, { login: LOGIN }).fetchManifest('v1'), {
    hint: /^Log in to /,
  })
})
