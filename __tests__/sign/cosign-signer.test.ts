import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Secret } from '../../src/inputs/secret.ts'
import { CosignSigner, type CosignSignerOptions } from '../../src/sign/cosign-signer.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { graphOf } from '../builders/graph-of.ts'
import { keyMaker } from '../builders/key-maker.ts'
import { memoryImage } from '../builders/memory-image.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'
import { temporaryFolder, writeScript } from '../builders/script.ts'

const keys = buildKeys()
const verifier = offlineVerifier()
const image = await memoryImage()
const NAME = `registry.example/team/app@${image.digest}`

/** What a cosign that only writes down how it was called was called with, a run each. */
async function callsOf(context: TestContext, change: Partial<CosignSignerOptions>, prepared = image) {
  const folder = await temporaryFolder(context)
  const log = join(folder, 'log')
  const path = await writeScript(
    folder,
    `{ printf '%s|' "$@"; printf 'password=%s|key=%s|' "$COSIGN_PASSWORD" "$SIGNED_PROMOTE_KEY"
[ -n "$DOCKER_CONFIG" ] && cat "$DOCKER_CONFIG/config.json"; echo; } >> "${log}"`,
  )
  const signer = new CosignSigner({
    path,
    key: { path: 'keys/cosign.key' },
    password: new Secret(''),
    publicKey: keys.publicKey,
    annotations: {},
    format: 'both',
    verifier,
    environment: { PATH: process.env.PATH },
    login: () => undefined,
    insecure: () => false,
    ...change,
  })
  const forms = await Array.fromAsync(
    signer.sign(await graphOf(prepared.repository, prepared.digest), prepared.repository),
  )
  const text = forms.length === 0 ? '' : await readFile(log, 'utf8')
  return { forms, calls: text.trimEnd().split('\n') }
}

const COMMON = 'sign|--use-signing-config=false|--tlog-upload=false|--yes'

test('runs cosign once for each form, without a network and with the password in its environment', async (context) => {
  const { forms, calls } = await callsOf(context, { password: new Secret('geheim') })
  assert.deepEqual(forms, ['bundle', 'tag'])
  assert.deepEqual(
    calls,
    ['true', 'false'].map(
      (bundle) =>
        `${COMMON}|--new-bundle-format=${bundle}|--key=keys/cosign.key|${NAME}|password=geheim|key=|`,
    ),
  )
})

test('gives the text of a key from a variable in the environment, never as an argument', async (context) => {
  const { calls } = await callsOf(context, {
    key: { variable: 'MY_KEY', text: new Secret('the text of the key') },
    format: 'tag',
  })
  assert.deepEqual(calls, [
    `${COMMON}|--new-bundle-format=false|--key=env://SIGNED_PROMOTE_KEY|${NAME}|password=|key=the text of the key|`,
  ])
})

test('quotes annotations, so that a comma begins no other', async (context) => {
  const { calls } = await callsOf(context, { annotations: { a: '1,b=2', c: 'say "hi"' }, format: 'tag' })
  assert.ok(calls[0]?.includes('|--annotations="a=1,b=2"|--annotations="c=say ""hi"""|'))
})

test('logs in with the credentials of the run, in a docker config and not as arguments', async (context) => {
  const { calls } = await callsOf(context, {
    format: 'bundle',
    login: ({ registry, path }) => ({ username: `${registry}/${path}`, password: new Secret('geheim') }),
  })
  const auth = Buffer.from('registry.example/team/app:geheim').toString('base64')
  assert.ok(calls[0]?.endsWith(`|{"auths":{"registry.example":{"auth":"${auth}"}}}`))
})

test('speaks plain HTTP to a registry only when the run says so', async (context) => {
  const { calls } = await callsOf(context, { format: 'tag', insecure: (host) => host === 'registry.example' })
  assert.ok(calls[0]?.includes('|--allow-http-registry|'))
})

test('runs nothing for a form in which the signature stands', async (context) => {
  const signed = await memoryImage('signed')
  const native = new NativeSigner({
    maker: keyMaker(keys.privateKey),
    annotations: {},
    format: 'tag',
    verifier,
  })
  await Array.fromAsync(native.sign(await graphOf(signed.repository, signed.digest), signed.repository))
  assert.deepEqual((await callsOf(context, {}, signed)).forms, ['bundle'])
  assert.deepEqual((await callsOf(context, { format: 'tag' }, signed)).forms, [])
})
