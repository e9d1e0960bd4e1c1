import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { planWitnesses, type SigningIntent } from '../../src/sign/witness-plan.ts'
import { NO_SERVICES, type SigningServices } from '../../src/sigstore/signing-services.ts'

const FULCIO = new URL('https://fulcio.example')
const V1 = new URL('https://rekor.example')
const OTHER_V1 = new URL('https://other-rekor.example')
const V2 = new URL('https://log.example')
const TIME = new URL('https://time.example/api/v1/timestamp')
const OTHER_TIME = new URL('https://other-time.example')

function services(change: Partial<SigningServices>): SigningServices {
  return { ...NO_SERVICES, fulcio: FULCIO, ...change }
}

const KEYLESS: SigningIntent = { by: 'keyless', transparency: 'rekor', forms: ['bundle', 'tag'] }
const KEY: SigningIntent = { ...KEYLESS, by: 'key' }

describe('with logs of both versions', () => {
  const rekor = { v1: [V1, OTHER_V1], v2: [V2] }

  test('a bundle goes into the newer one, and what stands under a tag into one of the older', () => {
    const plan = planWitnesses(KEYLESS, services({ rekor, timestamp: [TIME, OTHER_TIME] }))
    assert.deepEqual(plan.bundle, { logs: [{ version: 2, url: V2 }], timestamps: [TIME, OTHER_TIME] })
    assert.deepEqual(plan.tag, { logs: [{ version: 1, url: V1 }], timestamps: [TIME] })
    assert.deepEqual(plan.evidence, { transparency: 'rekor', timestamp: 'required' })
  })

  test('a keyless bundle without a timestamp goes into the older one, which says when', () => {
    const plan = planWitnesses(KEYLESS, services({ rekor }))
    assert.deepEqual(
      plan.bundle.logs.map(({ version }) => version),
      [1, 1],
    )
    assert.deepEqual(plan.evidence, { transparency: 'rekor', timestamp: 'none' })
  })

  test('a key needs no time', () => {
    assert.deepEqual(planWitnesses(KEY, services({ rekor })).bundle.logs, [{ version: 2, url: V2 }])
  })

  test('none is used when none is wanted', () => {
    const plan = planWitnesses({ ...KEY, transparency: 'none' }, services({ rekor }))
    assert.deepEqual([plan.bundle, plan.tag], Array(2).fill({ logs: [], timestamps: [] }))
    assert.deepEqual(plan.evidence, { transparency: 'none', timestamp: 'none' })
  })
})

test('the evidence is what every form carries', () => {
  const intent = { ...KEYLESS, transparency: 'where possible' } as const
  const plan = planWitnesses(intent, services({ rekor: { v1: [], v2: [V2] }, timestamp: [TIME] }))
  assert.equal(plan.bundle.logs.length, 1)
  assert.deepEqual(plan.evidence, { transparency: 'none', timestamp: 'required' })
  const bundles = planWitnesses(
    { ...intent, forms: ['bundle'] },
    services({ rekor: { v1: [], v2: [V2] }, timestamp: [TIME] }),
  )
  assert.equal(bundles.evidence.transparency, 'rekor')
})

const ONLY_V2 = { rekor: { v1: [], v2: [V2] } }

for (const [what, intent, given, why, hint] of [
  [
    'a keyless signature without a certificate authority',
    KEYLESS,
    { fulcio: undefined, timestamp: [TIME] },
    /none is named/,
    /fulcio-url/,
  ],
  [
    'a keyless bundle without any witness',
    { ...KEYLESS, transparency: 'none' },
    {},
    /proof of its time/,
    /timestamp-url/,
  ],
  [
    'a keyless bundle with a log that states no time',
    { ...KEYLESS, forms: ['bundle'] },
    ONLY_V2,
    /proof of its time/,
    /timestamp-url/,
  ],
  [
    'a keyless tag with a log that it cannot hold',
    { ...KEYLESS, forms: ['tag'] },
    ONLY_V2,
    /under the \.sig tag needs a proof/,
    /signature-format: bundle/,
  ],
  ['a log where there is none', KEY, {}, /needs a transparency log, and none is named/, /rekor-url/],
  [
    'a keyless log where there is none',
    KEYLESS,
    { timestamp: [TIME] },
    /needs a transparency log/,
    /rekor-url/,
  ],
  [
    'a tag with a log that it cannot hold',
    KEY,
    ONLY_V2,
    /cannot hold an entry of Rekor's version 2/,
    /signature-format: bundle/,
  ],
  [
    'a tag with such a log and a timestamp',
    KEY,
    { ...ONLY_V2, timestamp: [TIME] },
    /cannot hold/,
    /transparency: none/,
  ],
] as const) {
  test(`refuses ${what}, and says what to do`, () => {
    assert.throws(
      () => planWitnesses(intent, services(given)),
      (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'input')
        assert.match(error.message, why)
        assert.match(error.hint ?? '', hint)
        return true
      },
    )
  })
}
