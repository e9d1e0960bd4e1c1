import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import type { SigstoreSettings } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Values = Readonly<Record<string, string>>

const BY_KEY: Values = { 'public-key': 'cosign.pub' }
const BY_CERTIFICATE: Values = {
  'certificate-identity': 'a@example.com',
  'certificate-oidc-issuer': 'https://i.example',
}
const KEYLESS: Values = { sign: 'keyless' }
const KEY: Values = { sign: 'key', key: 'cosign.key' }
const SERVICES: Values = {
  'fulcio-url': 'https://fulcio.example',
  'rekor-url': 'https://rekor.example',
  'timestamp-url': 'https://tsa.example',
}

function parse(...inputs: readonly Values[]): SigstoreSettings {
  const all = Object.assign({ images: 'r.example/app:v1', to: 'r.example/prod' }, ...inputs) as Values
  return parseSettings(new Map(Object.entries(all)), {}).sigstore
}

async function refusal(...inputs: readonly Values[]): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(...inputs))
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

test('is the public instance when nothing is said', () => {
  const nothing = {
    trustedRoot: undefined,
    tufMirror: undefined,
    tufRoot: undefined,
    signingConfig: undefined,
    fulcioUrl: undefined,
    rekorUrl: undefined,
    timestampUrl: undefined,
  }
  for (const inputs of [BY_KEY, BY_CERTIFICATE, KEYLESS, KEY]) assert.deepEqual(parse(inputs), nothing)
})

const ROOT = { 'trusted-root': 'root.json' }

describe('the services to sign with', () => {
  test('are taken from URLs', () => {
    const { fulcioUrl, rekorUrl, timestampUrl } = parse(KEYLESS, SERVICES, ROOT)
    assert.deepEqual(Object.values(SERVICES), [fulcioUrl, rekorUrl, timestampUrl])
  })

  test('or from a file, and not from both', async () => {
    const config = { 'signing-config': 'signing.json' }
    assert.equal(parse(KEYLESS, config, ROOT).signingConfig, 'signing.json')
    assert.deepEqual(
      await refusal(KEYLESS, config, SERVICES, ROOT),
      Object.keys(SERVICES).map(
        (name) =>
          `\`${name}\` is given, but \`signing-config\` names the services. Name it in the signing config, or leave \`${name}\` out.`,
      ),
    )
  })

  test('are all named when one is: the rest would be those of another instance', async () => {
    const why = 'URLs take the place of the signing config'
    assert.deepEqual(await refusal(KEYLESS, { 'fulcio-url': 'https://fulcio.example' }, ROOT), [
      `Nothing names the log for new signatures: ${why}. Set \`rekor-url\`, or give a \`signing-config\`.`,
    ])
    assert.deepEqual(
      await refusal(KEYLESS, { transparency: 'none', 'fulcio-url': 'https://fulcio.example' }, ROOT),
      [
        `Nothing names who tells the time of new signatures: ${why}. Set \`timestamp-url\`, or give a \`signing-config\`.`,
      ],
    )
    assert.deepEqual(await refusal(KEYLESS, { 'timestamp-url': 'https://tsa.example' }, ROOT), [
      `Nothing names the certificate authority to sign with: ${why}. Set \`fulcio-url\`, or give a \`signing-config\`.`,
      `Nothing names the log for new signatures: ${why}. Set \`rekor-url\`, or give a \`signing-config\`.`,
    ])
    const logged = { ...KEY, transparency: 'rekor' }
    assert.equal((await refusal(logged, { 'timestamp-url': 'https://tsa.example' }, ROOT)).length, 1)
    assert.equal(
      parse(logged, { 'rekor-url': 'https://rekor.example' }, ROOT).rekorUrl,
      'https://rekor.example',
    )
    assert.equal(
      parse(KEY, { 'timestamp-url': 'https://tsa.example' }, ROOT).timestampUrl,
      'https://tsa.example',
    )
  })

  test('need to be told by which roots their word is known, unless they are the public ones', async () => {
    const why =
      'The services to sign with are named, and nothing says by which roots their word is known. Set `trusted-root` to the file of that Sigstore instance, or `tuf-mirror` and `tuf-root`.'
    for (const named of [SERVICES, { 'signing-config': 'signing.json' }]) {
      assert.deepEqual(await refusal(KEYLESS, named), [why])
      const mirror = { 'tuf-mirror': 'https://tuf.example', 'tuf-root': 'root.json' }
      assert.equal(parse(KEYLESS, named, mirror).tufRoot, 'root.json')
    }
    assert.deepEqual(await refusal(KEY, { 'timestamp-url': 'https://tsa.example' }), [why])
  })

  test('are named beside a trusted root, because nothing is fetched then', async () => {
    const root = { 'trusted-root': 'root.json' }
    const problems = await refusal(KEYLESS, root)
    assert.equal(problems.length, 2)
    assert.match(
      problems[0] ?? '',
      /certificate authority to sign with: with `trusted-root` nothing is fetched by TUF\./,
    )
    assert.deepEqual(parse(KEYLESS, root, SERVICES).trustedRoot, 'root.json')
    assert.deepEqual(parse(KEYLESS, root, { 'signing-config': 'signing.json' }).trustedRoot, 'root.json')
    assert.deepEqual(parse(BY_CERTIFICATE, root).trustedRoot, 'root.json')
  })
})

describe('whom to trust', () => {
  const mirror = { 'tuf-mirror': 'https://tuf.example', 'tuf-root': 'root.json' }

  test('is said by a mirror with its root, and by neither alone', async () => {
    const { tufMirror, tufRoot } = parse(BY_CERTIFICATE, mirror)
    assert.deepEqual([tufMirror, tufRoot], ['https://tuf.example', 'root.json'])
    assert.deepEqual(await refusal(BY_CERTIFICATE, { 'tuf-mirror': 'https://tuf.example' }), [
      '`tuf-mirror` is given without `tuf-root`. Set `tuf-root` to the path of a root.json of that repository that you trust.',
    ])
    assert.deepEqual(await refusal(BY_CERTIFICATE, { 'tuf-root': 'root.json' }), [
      '`tuf-root` is given without `tuf-mirror`. Set `tuf-mirror` to the URL of the repository, or leave `tuf-root` out.',
    ])
  })

  test('is not said twice', async () => {
    const why =
      'is given, but with `trusted-root` nothing is fetched by TUF. Leave `trusted-root` out, or leave'
    assert.deepEqual(await refusal(BY_CERTIFICATE, mirror, { 'trusted-root': 'root.json' }), [
      `\`tuf-mirror\` ${why} \`tuf-mirror\` out.`,
      `\`tuf-root\` ${why} \`tuf-root\` out.`,
    ])
  })

  for (const inputs of [
    BY_CERTIFICATE,
    { policy: 'policy.yml' },
    { ...BY_KEY, transparency: 'rekor' },
    { ...BY_KEY, timestamp: 'required' },
    { ...KEYLESS, verify: 'none' },
    { ...BY_KEY, 'attest-promotion': 'keyless' },
    { ...KEY, 'timestamp-url': 'https://tsa.example', verify: 'none' },
    { ...KEY, 'signing-config': 'signing.json', verify: 'none' },
  ]) {
    test(`has a meaning with ${Object.keys(inputs).join(', ')}`, () => {
      assert.equal(parse(inputs, mirror).tufRoot, 'root.json')
    })
  }

  for (const inputs of [BY_KEY, KEY, { verify: 'none' }, { ...KEY, ...BY_KEY }]) {
    test(`has none with ${Object.keys(inputs).join(', ')} alone`, async () => {
      const problems = await refusal(inputs, { 'trusted-root': 'root.json' })
      assert.deepEqual(problems, [
        '`trusted-root` is given, but no certificate, log entry or timestamp is looked at. Set `transparency` to "rekor" or `timestamp` to "required", or leave `trusted-root` out.',
      ])
    })
  }

  test('is not called useless when the policy is only half said', async () => {
    const half = { 'certificate-identity': 'a@example.com', 'trusted-root': 'root.json' }
    assert.equal((await refusal(half)).length, 1)
    assert.equal((await refusal({ 'trusted-root': 'root.json' })).length, 1)
  })
})
