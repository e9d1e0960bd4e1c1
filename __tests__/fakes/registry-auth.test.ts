import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { ask, errorCode } from './registry-client.ts'
import { type RegistryServer, startRegistry } from './registry-server.ts'

const IMAGE = buildImage({ seed: 'fake' })
const ALICE = { username: 'alice', password: 'a:b c', identityToken: 'long-lived' }
const READER = { username: 'reader', password: 'r', prefix: 'team', actions: ['pull'] } as const
const ACCOUNTS = [ALICE, READER]
const PULL = 'repository:team/app:pull'

function basic({ username, password }: { readonly username: string; readonly password: string }) {
  return { headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` } }
}

function bearer(token: string) {
  return { headers: { authorization: `Bearer ${token}` } }
}

async function tokenFor(
  registry: RegistryServer,
  scope: string,
  login?: ReturnType<typeof basic>,
): Promise<string> {
  const got = await ask(registry, 'GET', `/token?service=x&scope=${scope}`, login)
  assert.equal(got.status, 200, got.text)
  return JSON.parse(got.text).token
}

test('Basic: lets the right password in, and tells a wrong one from a missing right', async () => {
  await using registry = await startRegistry({ auth: { by: 'basic', accounts: ACCOUNTS } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const anonymous = await ask(registry, 'GET', 'manifests/v1')
  assert.equal(anonymous.status, 401)
  assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic realm=/)
  assert.equal((await ask(registry, 'GET', 'manifests/v1', basic({ ...ALICE, password: 'x' }))).status, 401)
  assert.equal((await ask(registry, 'GET', 'manifests/v1', basic(ALICE))).status, 200)
  assert.equal((await ask(registry, 'GET', 'manifests/v1', basic(READER))).status, 200)
  assert.equal((await ask(registry, 'GET', '/v2/', basic(READER))).status, 200)
  assert.equal((await ask(registry, 'GET', '/v2/')).status, 401)
})

test('an account is held to its actions and its prefix', async () => {
  await using registry = await startRegistry({ auth: { by: 'basic', accounts: ACCOUNTS } })
  for (const repository of ['team', 'team/app', 'teams/app', 'other'])
    IMAGE.putInto(registry.store, repository, 'v1')
  const status = async (method: string, path: string) =>
    (await ask(registry, method, path, basic(READER))).status
  assert.equal(await status('GET', '/v2/team/manifests/v1'), 200)
  assert.equal(await status('GET', '/v2/teams/app/manifests/v1'), 403)
  assert.equal(await status('GET', '/v2/other/manifests/v1'), 403)
  assert.equal(await status('POST', 'blobs/uploads/'), 403)
  assert.equal(await status('DELETE', 'manifests/v1'), 403)
})

test('Bearer: the challenge names the token endpoint and the scope of the request', async () => {
  await using registry = await startRegistry({
    auth: { by: 'bearer', accounts: ACCOUNTS, tokensFrom: 'elsewhere' },
  })
  const challenge = async (method: string, path: string) =>
    (await ask(registry, method, path)).headers.get('www-authenticate')
  const start = `Bearer realm="http://${registry.hostElsewhere}/token",service="fake-registry"`
  assert.equal(await challenge('GET', '/v2/'), start)
  assert.equal(await challenge('HEAD', 'manifests/v1'), `${start},scope="${PULL}"`)
  assert.equal(await challenge('DELETE', 'manifests/v1'), `${start},scope="repository:team/app:delete"`)
  assert.equal(
    await challenge('POST', 'blobs/uploads/?mount=x&from=library/base'),
    `${start},scope="repository:team/app:pull,push repository:library/base:pull"`,
  )
})

test('Bearer: tokens come from the registry itself unless said otherwise', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  const challenge = (await ask(registry, 'GET', '/v2/')).headers.get('www-authenticate') ?? ''
  assert.ok(challenge.startsWith(`Bearer realm="http://${registry.host}/token"`), challenge)
})

test('an upload that goes on elsewhere needs no credentials there', async () => {
  const auth = { by: 'basic', accounts: ACCOUNTS } as const
  await using registry = await startRegistry({ auth, uploadLocation: 'elsewhere' })
  const begun = await ask(registry, 'POST', 'blobs/uploads/', basic(ALICE))
  assert.equal((await ask(registry, 'PATCH', begun.headers.get('location') ?? '', { body: 'x' })).status, 202)
})

test('Bearer: a token opens what its scope names and nothing else', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  IMAGE.putInto(registry.store, 'other', 'v1')
  const token = await tokenFor(registry, PULL, basic(ALICE))
  assert.equal((await ask(registry, 'GET', 'manifests/v1', bearer(token))).status, 200)
  for (const [method, path] of [
    ['GET', '/v2/other/manifests/v1'],
    ['POST', 'blobs/uploads/'],
  ] as const) {
    const refused = await ask(registry, method, path, bearer(token))
    assert.equal(refused.status, 401)
    assert.match(refused.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/)
  }
  const both = await tokenFor(registry, `${PULL},push&scope=repository:other:pull`, basic(ALICE))
  assert.equal((await ask(registry, 'GET', '/v2/other/manifests/v1', bearer(both))).status, 200)
  assert.equal((await ask(registry, 'POST', 'blobs/uploads/', bearer(both))).status, 202)
})

test('Bearer: a token can tell what it allows', async () => {
  await using registry = await startRegistry({
    auth: { by: 'bearer', accounts: ACCOUNTS, tokenClaims: true },
  })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const token = await tokenFor(registry, `${PULL},push`, basic(READER))
  const [, claims = ''] = token.split('.')
  const { access } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  assert.deepEqual(access, [{ type: 'repository', name: 'team/app', actions: ['pull'] }])
  assert.equal((await ask(registry, 'GET', 'manifests/v1', bearer(token))).status, 200)
})

test('Bearer: a token never holds more than its account may do', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const token = await tokenFor(registry, `${PULL},push,delete`, basic(READER))
  assert.equal((await ask(registry, 'GET', 'manifests/v1', bearer(token))).status, 200)
  assert.equal((await ask(registry, 'POST', 'blobs/uploads/', bearer(token))).status, 401)
})

test('Bearer: a wrong password gets no token, nobody one to pull at most', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const wrong = await ask(registry, 'GET', `/token?scope=${PULL}`, basic({ ...ALICE, password: 'x' }))
  assert.equal(errorCode(wrong), 'UNAUTHORIZED')
  assert.equal((await ask(registry, 'GET', `/token?scope=${PULL}`)).status, 401)
  registry.switches.auth = { by: 'bearer', accounts: ACCOUNTS, anonymousPull: true }
  const token = await tokenFor(registry, `${PULL},push`)
  assert.equal((await ask(registry, 'GET', 'manifests/v1', bearer(token))).status, 200)
  assert.equal((await ask(registry, 'POST', 'blobs/uploads/', bearer(token))).status, 401)
})

test('Bearer: a password is no token, and a token is refused after its last use', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS, usesPerToken: 2 } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  assert.equal((await ask(registry, 'GET', 'manifests/v1', basic(ALICE))).status, 401)
  const token = await tokenFor(registry, PULL, basic(ALICE))
  const uses = [1, 2, 3].map(() => () => ask(registry, 'GET', 'manifests/v1', bearer(token)))
  const answers = []
  for (const use of uses) answers.push(await use())
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 401],
  )
  assert.match(answers.at(-1)?.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
})

test('Bearer: a POST with the identity token or the password gets a token too', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const post = (form: Readonly<Record<string, string>>) =>
    ask(registry, 'POST', '/token', { body: new URLSearchParams({ scope: PULL, ...form }).toString() })
  for (const form of [
    { grant_type: 'refresh_token', refresh_token: ALICE.identityToken },
    { grant_type: 'password', username: ALICE.username, password: ALICE.password },
  ]) {
    const token = JSON.parse((await post(form)).text).access_token
    assert.equal((await ask(registry, 'GET', 'manifests/v1', bearer(token))).status, 200)
  }
  assert.equal((await post({ grant_type: 'refresh_token', refresh_token: 'other' })).status, 401)
  assert.equal((await post({ grant_type: 'refresh_token' })).status, 401)
})

test('Bearer: a token that was taken back is refused, and a new one is not', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const token = await tokenFor(registry, PULL, basic(ALICE))
  registry.revokeTokens()
  const refused = await ask(registry, 'GET', 'manifests/v1', bearer(token))
  assert.match(refused.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
  const other = await tokenFor(registry, PULL, basic(ALICE))
  assert.equal((await ask(registry, 'GET', 'manifests/v1', bearer(other))).status, 200)
})

test('Bearer: to cancel an upload takes the right to delete', async () => {
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts: ACCOUNTS } })
  const push = await tokenFor(registry, `${PULL},push`, basic(ALICE))
  const begun = await ask(registry, 'POST', 'blobs/uploads/', bearer(push))
  const location = begun.headers.get('location') ?? ''
  const refused = await ask(registry, 'DELETE', location, bearer(push))
  assert.match(refused.headers.get('www-authenticate') ?? '', /scope="repository:team\/app:delete"/)
  const all = await tokenFor(registry, `${PULL},push,delete`, basic(ALICE))
  assert.equal((await ask(registry, 'DELETE', location, bearer(all))).status, 204)
})

test('Bearer: the token can have an endpoint and a field of its own, and Basic more in its challenge', async () => {
  const by = { by: 'bearer', accounts: ACCOUNTS, tokenPath: '/v2/auth' } as const
  await using registry = await startRegistry({ auth: { ...by, tokenAnswer: 'access_token only' } })
  const challenge = async () => (await ask(registry, 'GET', '/v2/')).headers.get('www-authenticate') ?? ''
  const keys = async () =>
    Object.keys(JSON.parse((await ask(registry, 'GET', '/v2/auth', basic(ALICE))).text))
  assert.match(await challenge(), /\/v2\/auth",/)
  assert.deepEqual(await keys(), ['access_token'])
  registry.switches.auth = { ...by, tokenAnswer: 'token only' }
  assert.deepEqual(await keys(), ['token'])
  registry.switches.auth = { by: 'basic', accounts: ACCOUNTS, challengeEnd: ',service="x"' }
  assert.equal(await challenge(), 'Basic realm="fake registry",service="x"')
})
