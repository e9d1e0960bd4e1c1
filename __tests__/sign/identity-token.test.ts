import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { Secret } from '../../src/inputs/secret.ts'
import { LiveSecrets } from '../../src/registry/live-secrets.ts'
import { identityToken } from '../../src/sign/identity-token.ts'
import { findSecrets } from '../security/find-secrets.ts'

const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600
const JOB = {
  GITHUB_ACTIONS: 'true',
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://runner.example/token?api-version=2.0',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token-of-the-job',
}

/** A token whose signature nobody here looks at. */
function tokenOf(claims: unknown): string {
  const [header, payload] = [{ alg: 'none' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${header}.${payload}.c2lnbmF0dXJl`
}

interface Asked {
  readonly given?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly getToken?: () => Promise<string>
}

function ask({ given, environment = {}, getToken = () => assert.fail('the runner was asked') }: Asked) {
  const secrets = new LiveSecrets()
  const told: string[] = []
  const token = identityToken({
    given: given === undefined ? undefined : new Secret(given),
    environment,
    getToken,
    onSecret: (secret) => {
      told.push(secret)
      secrets.add(secret)
    },
    redact: (text) => secrets.redact(text),
  })
  return { token, told }
}

describe('a token that was given', () => {
  test('is used without asking the runner, and known as a secret', async () => {
    const text = tokenOf({ sub: 'repo:acme/app', exp: IN_AN_HOUR })
    const { token, told } = ask({ given: `${text}\n`, environment: JOB })
    assert.deepEqual(await token, { text, subject: 'repo:acme/app' })
    assert.deepEqual(told, [text])
  })

  test('of a person names the e-mail address', async () => {
    const claims = { sub: '1234', email: 'ann@example.com', email_verified: true, exp: IN_AN_HOUR }
    assert.equal((await ask({ given: tokenOf(claims) }).token).subject, 'ann@example.com')
  })

  for (const [what, given, why] of [
    ['is empty', '', /is empty/],
    ['has expired', tokenOf({ sub: 'a', exp: 1_700_000_000 }), /expired at 2023-11-14T22:13:20.000Z/],
    ['expired at no time there is', tokenOf({ sub: 'a', exp: -1e300 }), /expired$/],
    ['never expires', tokenOf({ sub: 'a' }), /does not say when it expires/],
    ['is no JSON Web Token', 'ghp_0123456789abcdefghij', /is not a JSON Web Token/],
    ['has two parts', tokenOf({ sub: 'a', exp: IN_AN_HOUR }).replace(/\.[^.]*$/, ''), /not a JSON Web Token/],
    ['holds a list', tokenOf(['a']), /not a JSON Web Token/],
    ['names nobody', tokenOf({ exp: IN_AN_HOUR }), /names nobody/],
    ['has an unverified address', tokenOf({ email: 'a@b', exp: IN_AN_HOUR }), /has not verified/],
  ] as const) {
    test(`and ${what} is refused, without showing it`, async () => {
      await assert.rejects(ask({ given }).token, (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'input')
        assert.match(error.message, why)
        assert.match(error.hint ?? '', /audience "sigstore"/)
        if (given !== '') {
          assert.deepEqual(findSecrets({ message: error.message }, [{ name: 'token', value: given }]), [])
        }
        assert.equal(error.cause, undefined)
        return true
      })
    })
  }
})

describe('a token of the runner', () => {
  test('is asked for each time, and known as a secret together with what it is asked with', async () => {
    const text = tokenOf({ sub: 'repo:acme/app' })
    const { token, told } = ask({ environment: JOB, getToken: async () => text })
    assert.deepEqual(await token, { text, subject: 'repo:acme/app' })
    assert.deepEqual(told, [JOB.ACTIONS_ID_TOKEN_REQUEST_TOKEN, text])
  })

  for (const [what, missing] of [
    ['no URL', 'ACTIONS_ID_TOKEN_REQUEST_URL'],
    ['no token to ask with', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
  ] as const) {
    test(`is not asked for where the job has ${what}; the permission to add is said`, async () => {
      await assert.rejects(ask({ environment: { ...JOB, [missing]: '' } }).token, (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'input')
        assert.match(error.message, /this job may not have one/)
        assert.match(error.hint ?? '', /permissions: \{ contents: read, id-token: write \}/)
        return true
      })
    })
  }

  test('is not asked for in a terminal; what to pass instead is said', async () => {
    await assert.rejects(ask({}).token, (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'input')
      assert.match(error.hint ?? '', /SIGSTORE_ID_TOKEN/)
      return true
    })
  })

  test('that is refused gives the words of the endpoint without the secret in them', async () => {
    const bearer = JOB.ACTIONS_ID_TOKEN_REQUEST_TOKEN
    const refused = async () => {
      throw new Error(`Error message: Failed to get ID Token. \n Error Message: no, Bearer ${bearer}`)
    }
    await assert.rejects(ask({ environment: JOB, getToken: refused }).token, (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'signing')
      assert.match(error.message, /The runner gave no identity token: .*no, Bearer \*\*\*/)
      assert.equal(error.cause, undefined)
      return true
    })
  })

  test('that is no token is refused', async () => {
    const getToken = async () => 'nonsense'
    await assert.rejects(ask({ environment: JOB, getToken }).token, /of the runner is not a JSON Web Token/)
  })
})
