import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { ArtifactoryClient } from '../../src/artifactory/artifactory-client.ts'
import { PromotionError } from '../../src/errors.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { LiveSecrets } from '../../src/registry/live-secrets.ts'
import { buildImage } from '../builders/build-image.ts'
import { textOfError } from '../builders/text-of-error.ts'
import { type ArtifactoryServer, startArtifactory } from '../fakes/artifactory/artifactory-server.ts'
import { answer, jsonAnswer } from '../fakes/registry-exchange.ts'
import { FAST } from '../registry/connect.ts'

const PASSWORD = 'p4ssw0rd-of-the-robot'
const ACCOUNT = { registry: 'acme.example', path: 'docker-dev/app' }
const image = buildImage({ seed: 'client' })
const promotion = {
  source: { key: 'docker-dev', image: 'app' },
  tag: 'v1',
  target: { key: 'docker-prod', image: 'app' },
  targetTag: 'promoted',
}

describe("Artifactory's REST API", () => {
  let artifactory: ArtifactoryServer
  let http: HttpClient
  let client: ArtifactoryClient

  beforeEach(async () => {
    artifactory = await startArtifactory({
      auth: { by: 'basic', accounts: [{ username: 'robot', password: PASSWORD }] },
    })
    image.putInto(artifactory.registry.store, 'docker-dev/app', 'v1')
    const secrets = new LiveSecrets()
    secrets.addLogin('robot', PASSWORD)
    http = new HttpClient({ retry: FAST, secrets })
    client = connect(`Basic ${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`)
  })

  afterEach(async () => {
    await http.close()
    await artifactory[Symbol.asyncDispose]()
  })

  const connect = (authorization: string | undefined) =>
    new ArtifactoryClient(new URL(artifactory.url), http, () => Promise.resolve(authorization))

  const promote = () => client.promote(promotion, ACCOUNT)

  /** The error of an attempt, in which no secret may show. */
  async function errorOf(attempt: () => Promise<unknown>): Promise<PromotionError> {
    const thrown = await attempt().then(
      () => assert.fail('nothing was thrown'),
      (error: unknown) => error,
    )
    assert.ok(thrown instanceof PromotionError)
    assert.equal(thrown.kind, 'registry')
    assert.ok(!textOfError(thrown).includes(PASSWORD))
    return thrown
  }

  test('finds the files of a content', async () => {
    assert.deepEqual(await client.findFiles('docker-dev', image.digest, ACCOUNT), [
      { key: 'docker-dev', path: 'app/v1/manifest.json' },
    ])
  })

  test('finds no file whose name would lead out of its repository', async () => {
    const uris = ['docker-dev/app/../../x', 'docker-dev/%2e%2e/x', 'docker-dev/%zz', 'docker-dev', '']
    const results = uris.map((path) => ({ uri: `${artifactory.url}/api/storage/${path}` }))
    artifactory.inFront = () => jsonAnswer(200, { results: [...results, { uri: 1 }, 'text'] })
    assert.deepEqual(await client.findFiles('docker-dev', image.digest, ACCOUNT), [])
  })

  test('promotes a copy, and moves nothing', async () => {
    await promote()
    const { store } = artifactory.registry
    assert.equal(store.repository('docker-prod/app').tags.get('promoted'), image.digest)
    assert.equal(store.repository('docker-dev/app').tags.get('v1'), image.digest)
  })

  test('asks again for a passing reason', async () => {
    let asked = 0
    artifactory.inFront = (_request, proceed) => (asked++ === 0 ? answer(503) : proceed())
    await promote()
    assert.equal(asked, 2)
  })

  test('a message of level ERROR fails, though the status is 200', async () => {
    for (const level of ['ERROR', 'error']) {
      const message = `denied to ${PASSWORD}`
      artifactory.inFront = () => jsonAnswer(200, { messages: [{ level: 'INFO' }, { level, message }] })
      const error = await errorOf(promote)
      assert.match(error.message, /^Promoting docker-dev\/app:v1 to .*: Artifactory says denied to \*\*\*$/)
    }
  })

  test('a message that only informs or warns does not', async () => {
    artifactory.inFront = () => jsonAnswer(200, { messages: [{ level: 'INFO' }, { level: 'WARN' }] })
    await promote()
  })

  test('a page of HTML is no success', async () => {
    const pages = [
      answer(200, { 'content-type': 'text/html; charset=utf-8' }, 'Log in'),
      answer(200, {}, ' <html>'),
    ]
    for (const page of pages) {
      artifactory.inFront = () => page
      const error = await errorOf(promote)
      assert.match(error.message, /answered with an HTML page/)
      assert.match(String(error.hint), /`artifactory-url`/)
    }
  })

  test('an empty 404 names the URL to check', async () => {
    client = new ArtifactoryClient(new URL(`${artifactory.url}/wrong`), http, () =>
      Promise.resolve(undefined),
    )
    artifactory.inFront = () => answer(404)
    const error = await errorOf(promote)
    assert.match(error.message, /Promoting .*: POST .*\/artifactory\/wrong\/api\/docker\/.* answered 404/)
    assert.match(String(error.hint), /Check `artifactory-url`, of which http.*\/artifactory\/wrong\/api/)
  })

  test('a search without results of its own form is refused', async () => {
    artifactory.inFront = () => jsonAnswer(200, {})
    const error = await errorOf(() => client.findFiles('docker-dev', image.digest, ACCOUNT))
    assert.match(error.message, /without a list of results/)
  })

  test('a tag that does not exist is told in the words of the server', async () => {
    const error = await errorOf(() => client.promote({ ...promotion, tag: 'v2' }, ACCOUNT))
    assert.match(error.message, /400: .*Unable to find tag 'v2'/)
  })

  for (const status of [401, 403]) {
    test(`a ${status} says whose rights are missing`, async () => {
      artifactory.inFront = () => jsonAnswer(status, { errors: [{ status, message: `not ${PASSWORD}` }] })
      const error = await errorOf(promote)
      assert.match(error.message, new RegExp(`answered ${status}: not \\*\\*\\*`))
      assert.match(String(error.hint), /an account that may read at the source and deploy at the target/)
      client = connect(undefined)
      assert.match(String((await errorOf(promote)).hint), /No credentials .* were found/)
    })
  }

  for (const status of [301, 302, 307, 308]) {
    test(`a ${status} is not followed, neither with credentials nor without`, async () => {
      const { hostElsewhere } = artifactory.registry
      artifactory.inFront = () => answer(status, { location: `http://${hostElsewhere}/artifactory/` })
      const search = () => client.findFiles('docker-dev', image.digest, ACCOUNT)
      for (const attempt of [promote, search]) {
        const error = await errorOf(attempt)
        assert.match(String(error.hint), /No redirect is followed/)
      }
      assert.deepEqual(
        artifactory.registry.requests.filter(({ origin }) => origin === 'elsewhere'),
        [],
      )
    })
  }

  test('removes a folder', async () => {
    await client.remove({ key: 'docker-dev', path: 'app/v1' }, ACCOUNT)
    assert.equal(artifactory.registry.store.repository('docker-dev/app').tags.size, 0)
  })
})
