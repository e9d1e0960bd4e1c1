import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { askForJson } from '../../src/sign/ask-service.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { sigstoreMaker } from '../builders/sigstore-maker.ts'
import { requestsTo, startSigstoreScene } from '../builders/sigstore-scene.ts'
import { textOfError } from '../builders/text-of-error.ts'
import type { PrivateSigstore, SigningChoice } from '../fakes/sigstore/private-sigstore.ts'
import { FAST } from '../registry/connect.ts'
import { startHttp } from '../registry/http-scene.ts'
import { findSecrets } from '../security/find-secrets.ts'

interface Service {
  readonly name: 'fulcio' | 'rekor' | 'rekorV2' | 'timestamp' | 'token'
  readonly choice: SigningChoice
  readonly message: RegExp
}

const SERVICES: readonly Service[] = [
  {
    name: 'fulcio',
    choice: { rekor: 1 },
    message: /gave no certificate: POST .*\/fulcio\/api\/v2\/signingCert/,
  },
  {
    name: 'rekor',
    choice: { rekor: 1 },
    message: /no entry in the transparency log: POST .*\/rekor\/api\/v1\/log/,
  },
  {
    name: 'rekorV2',
    choice: { rekor: 2, timestamp: true },
    message: /no entry in the transparency log: POST .*\/rekorV2\/api\/v2\/log/,
  },
  {
    name: 'timestamp',
    choice: { timestamp: true },
    message: /gave no timestamp: POST .*\/timestamp\/api/,
  },
  { name: 'token', choice: { rekor: 1 }, message: /The runner gave no identity token/ },
]
const STATEMENT = Buffer.from('{}')

/** The tokens that a job of this Sigstore has used: those that it gives, and the one to ask with. */
function watchTokens(sigstore: PrivateSigstore, http: HttpClient): string[] {
  const seen = [sigstore.actionsRequest.token]
  const { secrets } = http
  const add = secrets.add.bind(secrets)
  secrets.add = (secret) => {
    seen.push(secret)
    add(secret)
  }
  return seen
}

for (const { name, choice, message } of SERVICES) {
  for (const status of [400, 403, 429, 503]) {
    test(`${name} that answers ${status} and repeats what it was sent shows no secret`, async (context) => {
      const { sigstore, http } = await startSigstoreScene(context)
      const tokens = watchTokens(sigstore, http)
      const maker = sigstoreMaker(sigstore, http, { ...choice, forms: ['bundle'] })
      sigstore.refuse[name] = status
      await assert.rejects(maker.signStatement(STATEMENT), (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'signing')
        assert.match(error.message, message)
        assert.match(error.message, /refused: /)
        if (name !== 'token') assert.match(error.message, new RegExp(`answered ${status}`))
        const secrets = tokens.map((value) => ({ name: 'a token', value }))
        assert.ok(secrets.length > 1)
        assert.deepEqual(findSecrets({ error: textOfError(error) }, secrets), [])
        return true
      })
    })
  }
}

test('a service that is ill is asked again, one that refuses is not', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const maker = sigstoreMaker(sigstore, http, { rekor: 1, key: buildKeys().privateKey })
  for (const [status, times] of [
    [500, FAST.retries + 1],
    [400, 1],
  ] as const) {
    const before = requestsTo(sigstore, sigstore.rekorUrl)
    sigstore.refuse.rekor = status
    await assert.rejects(maker.signStatement(STATEMENT))
    assert.equal(requestsTo(sigstore, sigstore.rekorUrl) - before, times)
  }
})

describe('an answer', () => {
  const question = { wanted: 'a certificate', namedBy: '`fulcio-url`' }

  for (const [what, body, why] of [
    ['an empty body', '', /answered with an empty body/],
    [
      'a page of HTML',
      '<html>Sign in, owner of s3cr3t-token</html>',
      /answered with something that is not JSON/,
    ],
  ] as const) {
    test(`of 200 with ${what} is refused, and not quoted`, async (context) => {
      const { http, url } = await startHttp(context, (_, response) => response.end(body))
      await assert.rejects(askForJson(http, { ...question, url, json: {} }), (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'signing')
        assert.match(error.message, why)
        assert.doesNotMatch(textOfError(error), /s3cr3t/)
        assert.match(error.hint ?? '', /`fulcio-url`/)
        return true
      })
    })
  }

  for (const status of [302, 307, 308]) {
    test(`of ${status} is not followed: what was sent is meant for one service`, async (context) => {
      let asked = 0
      const { http, url } = await startHttp(context, (_, response) => {
        asked += 1
        response.writeHead(status, { location: '/elsewhere' }).end('moved')
      })
      const answer = askForJson(http, { ...question, url, json: {} })
      await assert.rejects(answer, new RegExp(`gave no certificate: POST .* answered ${status}: moved`))
      assert.equal(asked, 1)
    })
  }

  test('that is too long is given up', async (context) => {
    const { http, url } = await startHttp(context, (_, response) => response.end('x'.repeat(2 * 1024 * 1024)))
    await assert.rejects(askForJson(http, { ...question, url, json: {} }), /more than the 1048576 bytes/)
  })

  test('that does not come says that the service cannot be reached', async () => {
    await using server = await closedServer()
    await assert.rejects(askForJson(server.http, { ...question, url: server.url, json: {} }), (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'signing')
      assert.match(error.message, /ECONNREFUSED/)
      assert.match(error.hint ?? '', /can be reached from here/)
      return true
    })
  })

  test('is not waited for when the run is interrupted', async (context) => {
    const controller = new AbortController()
    const { http, url } = await startHttp(
      context,
      () => controller.abort(new PromotionError('interrupted', 'stop')),
      {
        signal: controller.signal,
      },
    )
    await assert.rejects(
      askForJson(http, { ...question, url, json: {} }),
      (error) => error instanceof PromotionError && error.kind === 'interrupted',
    )
  })
})

/** A client, and a place on loopback where nobody listens any more. */
async function closedServer() {
  const http = new HttpClient({ retry: { ...FAST, retries: 0 } })
  return { http, url: new URL('http://127.0.0.1:1/api'), [Symbol.asyncDispose]: () => http.close() }
}
