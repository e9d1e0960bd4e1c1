import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { PromotionError } from '../../src/errors.ts'
import { LONGEST_CHALLENGE, parseChallenge } from '../../src/registry/challenge.ts'
import { nextPage } from '../../src/registry/next-page.ts'
import { parseRetryAfter, RETRY_POLICY, waitBefore } from '../../src/registry/retry.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { collect, connect, describeBlob, PATH } from '../registry/connect.ts'
import { checkProperty } from './check-property.ts'

const RUNS = 1000
const NOW = Date.parse('2031-05-06T07:08:09Z')
const URL_OF_LIST = new URL('https://registry.example/v2/team/app/tags/list?n=2')
const NO_HANG = { timeout: 60_000 }

/** What can stand in a header: everything but control characters. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
})
const sign = fc.constantFrom(
  ...'<>;,="\\ /?&:',
  'rel',
  'next',
  'rel="next"',
  'https://',
  'bytes ',
  '0',
  '9',
  '-',
  '*',
  'Bearer',
  'Basic',
  'realm="',
)
const header = fc.oneof(
  headerText,
  fc.array(fc.oneof(sign, headerText), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.tuple(sign, fc.nat(5000), sign).map(([one, times, other]) => `${one.repeat(times)}${other}`),
)

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

describe('6. Challenges, by their properties', () => {
  test('a challenge is read as it was written, whatever stands in its texts and around it', (context) => {
    const short = headerText.filter((text) => text.length < 200)
    const around = fc.constantFrom(
      '',
      'Negotiate, ',
      'Digest realm="Bearer realm=x", ',
      'Basic realm="a, b", ',
    )
    return checkProperty(context, RUNS, fc.tuple(short, short, around), ([realm, service, before]) => {
      const challenge = parseChallenge(`${before}Bearer realm=${quoted(realm)},service=${quoted(service)}`)
      assert.deepEqual(challenge, { scheme: 'bearer', realm, service })
    })
  })

  test('any header is read or not understood, and no longer one is looked at', NO_HANG, (context) =>
    checkProperty(context, 3 * RUNS, header, (text) => {
      const challenge = parseChallenge(text)
      if (text.length > LONGEST_CHALLENGE) assert.equal(challenge, undefined)
      if (challenge?.scheme === 'bearer') assert.equal(typeof challenge.realm, 'string')
      if (challenge !== undefined) assert.match(text, /basic|bearer/i)
    }),
  )
})

describe('8. Pages, by their properties', () => {
  test('a next page that was written is found, resolved on the same origin', (context) =>
    checkProperty(context, RUNS, fc.stringMatching(/^\/?(?:[a-z0-9._~%-]{1,9}\/){0,4}$/), (path) => {
      const link = `<${path}?last=x>; rel="next"`
      const wanted = new URL(`${path}?last=x`, URL_OF_LIST)
      if (wanted.origin === URL_OF_LIST.origin) assert.equal(nextPage(link, URL_OF_LIST)?.href, wanted.href)
      else assert.throws(() => nextPage(link, URL_OF_LIST), PromotionError)
    }))

  test('any Link header leads to the same origin, to nowhere, or is refused', NO_HANG, (context) =>
    checkProperty(
      context,
      RUNS,
      fc.oneof(
        header,
        fc.webUrl().map((url) => `<${url}>; rel=next`),
      ),
      (text) => {
        try {
          const next = nextPage(text, URL_OF_LIST)
          if (next !== undefined) assert.equal(next.origin, URL_OF_LIST.origin)
        } catch (error) {
          assert.ok(error instanceof PromotionError, String(error))
          assert.equal(error.kind, 'registry')
          assert.ok(error.message.length < 1000)
        }
      },
    ),
  )
})

describe('8. Retry-After, by its properties', () => {
  test('seconds and dates are read, neither is ever negative, and no wait is longer than the policy', (context) => {
    const seconds = fc.nat(10_000).map((number) => [String(number), number * 1000] as const)
    const earliest = new Date('1990-01-01T00:00:00Z')
    const dates = fc
      .date({ min: earliest, max: new Date('2090-01-01T00:00:00Z'), noInvalidDate: true })
      .map((date) => {
        const whole = Math.floor(date.getTime() / 1000) * 1000
        return [new Date(whole).toUTCString(), Math.max(0, whole - NOW)] as const
      })
    return checkProperty(context, RUNS, fc.oneof(seconds, dates), ([text, wait]) => {
      assert.equal(parseRetryAfter(text, NOW), wait)
    })
  })

  test('any header is a wait within the policy, or none', (context) =>
    checkProperty(context, RUNS, fc.tuple(header, fc.nat(9)), ([text, tried]) => {
      const wait = parseRetryAfter(text, NOW)
      assert.ok(wait === undefined || (Number.isFinite(wait) && wait >= 0), String(wait))
      const most = Math.max(RETRY_POLICY.longestRetryAfter, RETRY_POLICY.longestDelay)
      const pause = waitBefore(tried, wait, RETRY_POLICY)
      assert.ok(pause > 0 && pause <= most, String(pause))
    }))
})

describe('8. Content-Range, by its properties', () => {
  test('whatever range a part is said to be, the blob is whole or refused', NO_HANG, async (context) => {
    await using registry = await startRegistry()
    const content = '0123456789'
    registry.store.repository(PATH).putBlob(Buffer.from(content))
    const blob = describeBlob(content)
    const repository = connect(context, registry)
    const range = fc.oneof(
      fc
        .tuple(fc.nat(11), fc.nat(11), fc.nat(20))
        .map(([first, last, size]) => `bytes ${first}-${last}/${size}`),
      headerText,
    )
    const part = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
      fc.nat(10).map((at) => content.slice(at)),
    )
    await checkProperty(context, 100, fc.tuple(range, part), async ([said, body]) => {
      registry.clearFaults()
      registry.fault(
        ({ method, headers }) => method === 'GET' && headers.range === undefined,
        1,
        'reset in the body',
      )
      registry.fault(({ method }) => method === 'GET', 99, {
        status: 206,
        headers: { 'content-range': said.trim() },
        body,
      })
      try {
        assert.equal(await collect(repository.fetchBlob(blob)), content)
      } catch (error) {
        assert.ok(error instanceof PromotionError, String(error))
        assert.equal(error.kind, 'registry')
        assert.ok(error.message.length < 1000)
      }
    })
  })
})
