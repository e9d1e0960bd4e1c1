import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { PromotionError } from '../../src/errors.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { CredentialStore, type Environment, givenFor } from '../../src/registry/credentials.ts'
import { temporaryFolder } from '../builders/script.ts'
import { credentialsOf } from './connect.ts'

const SECRET = 's3cret'
const HUB = 'https://index.docker.io/v1/'

/** An entry as docker login writes it. */
function login(username: string, password = SECRET): { readonly auth: string } {
  return { auth: Buffer.from(`${username}:${password}`).toString('base64') }
}

/** Who the store logs in as, with the secret in the clear. */
async function find(environment: Environment, repository: string): Promise<string | undefined> {
  const found = await new CredentialStore([], environment).find(parseRepositoryName(repository))
  if (found === undefined) return undefined
  return 'identityToken' in found
    ? `identity ${found.identityToken.reveal()}`
    : `${found.username} ${found.password.reveal()}`
}

async function configFolder(context: TestContext, config: unknown): Promise<Environment> {
  const folder = await temporaryFolder(context)
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  return { DOCKER_CONFIG: folder, PATH: `${folder}:/usr/bin:/bin` }
}

/** A credential helper `docker-credential-x` that notes what it was asked, in a file `asked` beside it. */
async function writeHelper({ DOCKER_CONFIG = '' }: Environment, lines: string): Promise<string> {
  const path = join(DOCKER_CONFIG, 'docker-credential-x')
  const asked = join(DOCKER_CONFIG, 'asked')
  await writeFile(path, `#!/bin/sh\nread -r host\necho "$1 $host" >> '${asked}'\n${lines}\n`)
  await chmod(path, 0o755)
  return asked
}

const ANSWER = `echo '{"ServerURL":"x","Username":"helped","Secret":"${SECRET}"}'`

test('there are no credentials without a configuration', async (context) => {
  const folder = await temporaryFolder(context)
  assert.equal(await find({ DOCKER_CONFIG: folder }, 'r.example/app'), undefined)
  assert.equal(await find({ HOME: folder }, 'r.example/app'), undefined)
  assert.equal(await find({ DOCKER_CONFIG: join(folder, 'none') }, 'r.example/app'), undefined)
})

const SPELLINGS: readonly (readonly [key: string, repository: string, found: boolean])[] = [
  ['r.example', 'r.example/app', true],
  ['r.example:5000', 'r.example:5000/app', true],
  ['https://r.example', 'r.example/app', true],
  ['https://r.example/v2/', 'r.example/app', true],
  ['r.example', 'r.example:5000/app', false],
  ['r.example', 'other.example/app', false],
  ['r.example', 'sub.r.example/app', false],
  [HUB, 'nginx', true],
  [HUB, 'docker.io/acme/app', true],
  ['docker.io', 'nginx', true],
  ['index.docker.io', 'registry-1.docker.io/acme/app', true],
  ['registry-1.docker.io', 'nginx', true],
]

for (const [key, repository, found] of SPELLINGS) {
  test(`the entry ${key} ${found ? 'is' : 'is not'} for ${repository}`, async (context) => {
    const environment = await configFolder(context, { auths: { [key]: login('bob') } })
    assert.equal(await find(environment, repository), found ? `bob ${SECRET}` : undefined)
  })
}

test('reads passwords with colons, plain user names and identity tokens', async (context) => {
  const environment = await configFolder(context, {
    auths: {
      'colon.example': login('bob', 'a:b:c'),
      'plain.example': { username: 'bob', password: 'plain' },
      'token.example': { ...login('bob'), identitytoken: 'an identity' },
      'empty.example': {},
    },
  })
  assert.equal(await find(environment, 'colon.example/app'), 'bob a:b:c')
  assert.equal(await find(environment, 'plain.example/app'), 'bob plain')
  assert.equal(await find(environment, 'token.example/app'), 'identity an identity')
  assert.equal(await find(environment, 'empty.example/app'), undefined)
})

test('REGISTRY_AUTH_FILE goes before DOCKER_CONFIG, and its longest path wins', async (context) => {
  const environment = await configFolder(context, { auths: { 'r.example': login('docker') } })
  const file = join(await temporaryFolder(context), 'auth.json')
  const paths = ['r.example', 'r.example/team', 'r.example/team/app']
  await writeFile(
    file,
    JSON.stringify({ auths: Object.fromEntries(paths.map((path) => [path, login(path)])) }),
  )
  const both = { ...environment, REGISTRY_AUTH_FILE: file }
  const user = async (repository: string) => (await find(both, repository))?.split(' ')[0]
  assert.equal(await user('r.example/other'), 'r.example')
  assert.equal(await user('r.example/team/other'), 'r.example/team')
  assert.equal(await user('r.example/team/app'), 'r.example/team/app')
  assert.equal(await user('r.example/team/app/part'), 'r.example/team/app')
  assert.equal(await user('r.example/team/application'), 'r.example/team')
  assert.equal(await user('r.example/teams/app'), 'r.example')
})

test('falls back to the home folder', async (context) => {
  const home = await temporaryFolder(context)
  await mkdir(join(home, '.docker'))
  await writeFile(
    join(home, '.docker', 'config.json'),
    JSON.stringify({ auths: { 'r.example': login('bob') } }),
  )
  assert.equal(await find({ HOME: home }, 'r.example/app'), `bob ${SECRET}`)
})

test('what the run was given goes before all configuration', async (context) => {
  const environment = await configFolder(context, { auths: { 'r.example/team/app': login('docker') } })
  const store = new CredentialStore([credentialsOf('r.example', 'given', 'x')], environment)
  const found = await store.find(parseRepositoryName('r.example/team/app'))
  assert.ok(found && 'username' in found)
  assert.equal(found.username, 'given')
})

const GIVEN = ['host', 'host/app', 'host/app/deep'].map((prefix) =>
  credentialsOf(prefix.replace('host', 'r.example'), prefix, 'x'),
)

for (const [path, expected] of [
  ['other', 'host'],
  ['app', 'host/app'],
  ['app/part', 'host/app'],
  ['app/deep/part', 'host/app/deep'],
  ['app/deeper', 'host/app'],
  ['application', 'host'],
] as const) {
  test(`the credentials given for ${expected} are those of host/${path}`, () => {
    for (const given of [GIVEN, GIVEN.toReversed()]) {
      assert.equal(givenFor({ registry: 'r.example', path }, given)?.username, expected)
    }
  })
}

test('credentials given for one host are not those of a host that begins like it', () => {
  assert.equal(givenFor({ registry: 'r.example.evil', path: 'app' }, GIVEN), undefined)
  assert.equal(givenFor({ registry: 'r.example:5000', path: 'app' }, GIVEN), undefined)
})

test('asks the credential helper of the host, once', async (context) => {
  const config = { credHelpers: { 'r.example': 'x' }, auths: { 'r.example': login('stale') } }
  const environment = await configFolder(context, config)
  const asked = await writeHelper(environment, ANSWER)
  const store = new CredentialStore([], environment)
  await Promise.all(['a', 'b'].map((path) => store.find({ registry: 'r.example', path })))
  assert.equal(await find(environment, 'r.example/app'), `helped ${SECRET}`)
  assert.equal(await readFile(asked, 'utf8'), 'get r.example\nget r.example\n', 'once a store')
})

test('asks the credential store for every other host, and for Docker Hub by its own name', async (context) => {
  const environment = await configFolder(context, { credsStore: 'x', credHelpers: { 'gcr.io': 'none' } })
  const asked = await writeHelper(environment, ANSWER)
  assert.equal(await find(environment, 'r.example:5000/app'), `helped ${SECRET}`)
  assert.equal(await find(environment, 'nginx'), `helped ${SECRET}`)
  assert.equal(await readFile(asked, 'utf8'), `get r.example:5000\nget ${HUB}\n`)
})

test('takes the user <token> of a helper for an identity token', async (context) => {
  const environment = await configFolder(context, { credsStore: 'x' })
  await writeHelper(environment, `echo '{"Username":"<token>","Secret":"an identity"}'`)
  assert.equal(await find(environment, 'r.example/app'), 'identity an identity')
})

test('a helper is shown the environment without the inputs and secrets of the run', async (context) => {
  const environment = await configFolder(context, { credsStore: 'x' })
  const seen = join(environment.DOCKER_CONFIG ?? '', 'seen')
  await writeHelper(environment, `env > '${seen}'\n${ANSWER}`)
  const kept = { AWS_PROFILE: 'kept', COSIGN_PASSWORD_FILE: 'kept', MY_INPUT_X: 'kept' }
  const dropped = {
    INPUT_REGISTRIES: SECRET,
    COSIGN_PASSWORD: SECRET,
    SIGNED_PROMOTE_REGISTRIES: SECRET,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: SECRET,
    ACTIONS_ID_TOKEN_REQUEST_URL: SECRET,
  }
  await find({ ...environment, ...kept, ...dropped }, 'r.example/app')
  const text = await readFile(seen, 'utf8')
  assert.ok(!text.includes(SECRET), text)
  for (const name of Object.keys(kept)) assert.match(text, new RegExp(`^${name}=kept$`, 'm'))
})

test('says where credentials were found', async (context) => {
  const config = { credHelpers: { 'helped.example': 'x' }, auths: { 'r.example': login('bob') } }
  const environment = await configFolder(context, config)
  await writeHelper(environment, ANSWER)
  const store = new CredentialStore([credentialsOf('given.example', 'given', 'x')], environment)
  const from = async (registry: string) => (await store.find({ registry, path: 'app' }))?.from
  assert.equal(await from('given.example'), 'the input `registries`')
  assert.equal(await from('helped.example'), 'the helper x')
  assert.equal(await from('r.example'), 'the docker config')
})

test('a helper that knows nothing of the host leaves it to auths', async (context) => {
  const environment = await configFolder(context, { credsStore: 'x', auths: { 'r.example': login('bob') } })
  await writeHelper(environment, 'echo "credentials not found in native keychain"; exit 1')
  assert.equal(await find(environment, 'r.example/app'), `bob ${SECRET}`)
  assert.equal(await find(environment, 'other.example/app'), undefined)
})

for (const [what, lines, problem] of [
  ['fails', `echo ${SECRET}; echo ${SECRET} >&2; exit 3`, /asked for r\.example, failed \(3\)/],
  ['is killed', `echo ${SECRET}; kill -9 $$`, /failed \(SIGKILL\)/],
  ['answers no JSON', `echo ${SECRET}`, /did not answer with Username and Secret/],
  ['answers half', `echo '{"Secret":"${SECRET}"}'`, /did not answer with Username and Secret/],
] as const) {
  test(`a helper that ${what} is an error that quotes nothing of it`, async (context) => {
    const environment = await configFolder(context, { credsStore: 'x' })
    await writeHelper(environment, lines)
    await assert.rejects(find(environment, 'r.example/app'), (error) => {
      assert.ok(error instanceof PromotionError)
      assert.match(error.message, problem)
      assert.match(error.message, /docker-credential-x/)
      assert.doesNotMatch(inspect(error, { depth: 9 }), new RegExp(SECRET))
      return error.kind === 'input' && error.hint !== undefined
    })
  })
}

test('a helper that is not there is an error with its name', async (context) => {
  const environment = await configFolder(context, { credHelpers: { 'r.example': 'absent' } })
  await assert.rejects(find(environment, 'r.example/app'), /docker-credential-absent.*ENOENT/)
  assert.equal(await find(environment, 'other.example/app'), undefined)
})

for (const [what, config] of [
  ['is no JSON', `{"auths": {"r.example": {"auth": "${SECRET}`],
  ['is a list', JSON.stringify([SECRET])],
  ['is empty', ''],
] as const) {
  test(`a configuration that ${what} is an error that names the file and quotes nothing of it`, async (context) => {
    const environment = await configFolder(context, config)
    await assert.rejects(find(environment, 'r.example/app'), (error) => {
      assert.ok(error instanceof PromotionError)
      const file = join(environment.DOCKER_CONFIG ?? '', 'config.json')
      assert.ok(error.message.includes(file))
      assert.deepEqual([error.kind, error.location], ['input', { file }])
      assert.doesNotMatch(inspect(error, { depth: 9 }), new RegExp(SECRET))
      return true
    })
  })
}

test('a configuration that cannot be read is an error with its code', async (context) => {
  const folder = await temporaryFolder(context)
  await mkdir(join(folder, 'config.json'))
  await assert.rejects(find({ DOCKER_CONFIG: folder }, 'r.example/app'), /cannot be read \(EISDIR\)/)
})

test('found passwords do not show themselves in print', async (context) => {
  const environment = await configFolder(context, { auths: { 'r.example': login('bob') } })
  const found = await new CredentialStore([], environment).find({ registry: 'r.example', path: 'app' })
  assert.doesNotMatch(`${inspect(found, { depth: 9 })}${JSON.stringify(found)}`, new RegExp(SECRET))
})
