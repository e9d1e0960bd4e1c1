import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { SigstoreSettings } from '../../src/inputs/settings.ts'
import { findSigningServices } from '../../src/sigstore/find-signing-services.ts'
import { temporaryFolder } from '../builders/script.ts'
import { startSigstoreScene } from '../builders/sigstore-scene.ts'

const KEYLESS = { by: 'keyless', transparency: 'rekor' } as const
const KEY = { by: 'key', transparency: 'none' } as const
const NOTHING: SigstoreSettings = {
  trustedRoot: undefined,
  tufMirror: undefined,
  tufRoot: undefined,
  signingConfig: undefined,
  fulcioUrl: undefined,
  rekorUrl: undefined,
  timestampUrl: undefined,
}

/** Where nothing may be fetched by TUF. */
const NO_TARGETS = {
  targets: async () => assert.fail('TUF was asked'),
  mayBePlain: ({ hostname }: URL) => hostname === '127.0.0.1',
}

async function scene(context: TestContext) {
  const { sigstore } = await startSigstoreScene(context)
  const text = sigstore.signingConfig({ rekor: 2, timestamp: true })
  const signingConfig = join(await temporaryFolder(context), 'signing.json')
  await writeFile(signingConfig, text)
  return { sigstore, text, signingConfig }
}

test('without file and URL the signing config is a target of TUF', async (context) => {
  const { sigstore, text } = await scene(context)
  const asked: string[] = []
  const read = async (name: string) => {
    asked.push(name)
    return text
  }
  const directory = { ...NO_TARGETS, targets: async () => ({ read }) }
  const { fulcio, rekor } = await findSigningServices(KEYLESS, NOTHING, directory)
  assert.deepEqual(asked, ['signing_config.v0.2.json'])
  assert.equal(fulcio?.href, sigstore.fulcioUrl)
  assert.equal(rekor.v2.length, 1)
})

test('a file stands in its place', async (context) => {
  const { sigstore, signingConfig } = await scene(context)
  const { timestamp } = await findSigningServices(KEY, { ...NOTHING, signingConfig }, NO_TARGETS)
  assert.deepEqual(timestamp.map(String), [sigstore.timestampUrl])
})

test('each URL stands in the place of what the signing config has', async (context) => {
  const { sigstore, signingConfig } = await scene(context)
  const settings = { ...NOTHING, signingConfig, rekorUrl: 'https://rekor.example' }
  const { fulcio, rekor, timestamp } = await findSigningServices(KEYLESS, settings, NO_TARGETS)
  assert.equal(fulcio?.href, sigstore.fulcioUrl)
  assert.deepEqual([rekor.v1.map(String), rekor.v2], [['https://rekor.example/'], []])
  assert.equal(timestamp.length, 1)
})

test('with a URL and no signing config nothing is fetched', async () => {
  const settings = {
    ...NOTHING,
    fulcioUrl: 'https://fulcio.example',
    timestampUrl: 'https://time.example/tsa',
  }
  const services = await findSigningServices(KEYLESS, settings, NO_TARGETS)
  assert.deepEqual(JSON.parse(JSON.stringify(services)), {
    fulcio: 'https://fulcio.example/',
    rekor: { v1: [], v2: [] },
    timestamp: ['https://time.example/tsa'],
  })
})

test('a key that asks for no evidence needs no services', async () => {
  const { fulcio, timestamp } = await findSigningServices(KEY, NOTHING, NO_TARGETS)
  assert.deepEqual([fulcio, timestamp], [undefined, []])
})

for (const [what, change, why, hint] of [
  ['a URL that is none', { fulcioUrl: 'fulcio.example' }, /`fulcio-url` is not a URL/, /in full/],
  ['a URL of a file', { rekorUrl: 'file:///etc/passwd' }, /`rekor-url` is not a URL/, /in full/],
  [
    'plain HTTP to another machine',
    { timestampUrl: 'http://time.example/' },
    /not encrypted/,
    /insecure-registries/,
  ],
  [
    'a file that is not there',
    { signingConfig: 'nowhere.json' },
    /nowhere\.json cannot be read/,
    /signing-config/,
  ],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(findSigningServices(KEYLESS, { ...NOTHING, ...change }, NO_TARGETS), (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'input')
      assert.match(error.message, why)
      assert.match(error.hint ?? '', hint)
      return true
    })
  })
}
