import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CosignProgram, type CosignProgramOptions } from '../../src/cosign/cosign-program.ts'
import { Secret } from '../../src/inputs/secret.ts'
import { exactly } from '../../src/policy/text-match.ts'
import { CosignAttester } from '../../src/sign/cosign-attester.ts'
import { CosignSigner, type CosignSignerOptions } from '../../src/sign/cosign-signer.ts'
import type { CosignIdentity } from '../../src/sign/cosign-signing.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { planWitnesses } from '../../src/sign/witness-plan.ts'
import { NO_SERVICES, type SigningServices } from '../../src/sigstore/signing-services.ts'
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
const BOTH = ['bundle', 'tag'] as const
const KEY = {
  by: 'key',
  key: { path: 'keys/cosign.key' },
  password: new Secret('geheim'),
  publicKey: keys.publicKey,
} as const
const FULCIO = new URL('https://fulcio.example/')
const REKOR = new URL('https://rekor.example/')
const TIMESTAMPS = new URL('https://tsa.example/api/v1/timestamp')

/** What a run's cosign is, that only writes down how it was called and with which files; a line each. */
async function recording(context: TestContext, change: Partial<CosignProgramOptions> = {}) {
  const folder = await temporaryFolder(context)
  const log = join(folder, 'log')
  const path = await writeScript(
    folder,
    `{ printf '%s|' "$@"; printf 'password=%s|key=%s|token=%s|' "$COSIGN_PASSWORD" "$SIGNED_PROMOTE_KEY" "$SIGSTORE_ID_TOKEN"
[ -n "$DOCKER_CONFIG" ] && cat "$DOCKER_CONFIG/config.json"
for arg in "$@"; do case "$arg" in --signing-config=*|--trusted-root=*|--predicate=*) cat "\${arg#*=}";; esac; done; echo; } >> "${log}"`,
  )
  const cosign = new CosignProgram({
    path,
    environment: { PATH: process.env.PATH, RUNNER_TEMP: folder },
    login: () => undefined,
    insecure: () => false,
    ...change,
  })
  return {
    cosign,
    calls: async () => {
      // Nothing but the script and what it has written down.
      assert.deepEqual((await readdir(folder)).toSorted(), ['cosign', 'log'])
      const lines = (await readFile(log, 'utf8')).trimEnd().split('\n')
      return lines.map((line) => line.replaceAll(/=[^|]*signed-promote-[^|/]*\//g, '='))
    },
  }
}

function witnesses(
  by: 'key' | 'keyless',
  services: Partial<SigningServices>,
  forms: readonly ('bundle' | 'tag')[] = BOTH,
) {
  const transparency = services.rekor === undefined ? 'none' : 'rekor'
  return planWitnesses({ by, transparency, forms }, { ...NO_SERVICES, fulcio: FULCIO, ...services })
}

function signer(cosign: CosignProgram, change: Partial<CosignSignerOptions> = {}): CosignSigner {
  return new CosignSigner({
    cosign,
    credential: KEY,
    witnesses: witnesses('key', {}),
    trustedRoot: async () => 'the-trusted-root',
    annotations: {},
    format: 'both',
    verifier,
    ...change,
  })
}

async function sign(by: CosignSigner, prepared = image) {
  return Array.fromAsync(by.sign(await graphOf(prepared.repository, prepared.digest), prepared.repository))
}

const OFFLINE = 'sign|--use-signing-config=false|--tlog-upload=false|--yes'

test('runs cosign once for each form, without a network and with the password in its environment', async (context) => {
  const { cosign, calls } = await recording(context)
  assert.deepEqual(await sign(signer(cosign)), BOTH)
  assert.deepEqual(
    await calls(),
    ['true', 'false'].map(
      (bundle) =>
        `${OFFLINE}|--new-bundle-format=${bundle}|--key=keys/cosign.key|${NAME}|password=geheim|key=|token=|`,
    ),
  )
})

test('gives the text of a key from a variable in the environment, never as an argument', async (context) => {
  const { cosign, calls } = await recording(context)
  const key = { variable: 'MY_KEY', text: new Secret('the text of the key') }
  await sign(signer(cosign, { credential: { ...KEY, key }, format: 'tag' }))
  assert.deepEqual(await calls(), [
    `${OFFLINE}|--new-bundle-format=false|--key=env://SIGNED_PROMOTE_KEY|${NAME}|password=geheim|key=the text of the key|token=|`,
  ])
})

test('names a key by its URI', async (context) => {
  const { cosign, calls } = await recording(context)
  await sign(signer(cosign, { credential: { ...KEY, key: { uri: 'awskms:///alias/k' } }, format: 'tag' }))
  assert.ok((await calls())[0]?.includes('|--key=awskms:///alias/k|'))
})

test('names the services of a bundle in a signing config, and those of a .sig by flags', async (context) => {
  const { cosign, calls } = await recording(context)
  const services = { rekor: { v1: [REKOR], v2: [] }, timestamp: [TIMESTAMPS] }
  await sign(signer(cosign, { witnesses: witnesses('key', services) }))
  const [bundle = '', tag = ''] = await calls()
  assert.ok(
    bundle.startsWith(
      'sign|--yes|--new-bundle-format=true|--key=keys/cosign.key|--trusted-root=trusted-root|--signing-config=signing-config|',
    ),
  )
  const config = JSON.parse(bundle.slice(bundle.indexOf('{')))
  assert.ok(bundle.includes('|the-trusted-root{'))
  assert.deepEqual(
    [config.caUrls, config.rekorTlogUrls, config.tsaUrls].map((list) =>
      list.map((one: { url: string; majorApiVersion: number }) => `${one.url} ${one.majorApiVersion}`),
    ),
    [[], ['https://rekor.example 1'], ['https://tsa.example/api/v1/timestamp 1']],
  )
  assert.ok(
    tag.startsWith(
      'sign|--use-signing-config=false|--rekor-url=https://rekor.example|--timestamp-server-url=https://tsa.example/api/v1/timestamp|--yes|',
    ),
  )
})

function holderOf(token: string): CosignIdentity {
  return {
    by: 'keyless',
    fulcio: FULCIO,
    token: async () => ({ text: token, subject: 'me' }),
    source: {
      identity: async (evidence) => ({
        by: 'certificate',
        name: undefined,
        identity: exactly('me'),
        issuer: exactly('https://issuer.example'),
        workflow: {},
        ...evidence,
      }),
    },
  }
}

test('signs keyless with a token in the environment, which is asked of nobody else', async (context) => {
  const { cosign, calls } = await recording(context)
  const services = { rekor: { v1: [REKOR], v2: [] } }
  const by = signer(cosign, { credential: holderOf('the-token'), witnesses: witnesses('keyless', services) })
  assert.deepEqual(await sign(by), BOTH)
  for (const call of await calls()) {
    assert.ok(call.includes('|--oidc-provider=envvar|'))
    assert.ok(call.includes('|password=|key=|token=the-token|'))
    assert.equal(call.split('the-token').length, 2)
  }
  const { identity, transparency } = (await by.identity()) as {
    identity: { text: string }
    transparency: string
  }
  assert.deepEqual([identity.text, transparency], ['me', 'rekor'])
})

test('an empty token is an error before cosign is run: it would ask a person', async (context) => {
  const { cosign } = await recording(context)
  const services = { rekor: { v1: [REKOR], v2: [] } }
  const by = signer(cosign, { credential: holderOf(''), witnesses: witnesses('keyless', services) })
  await assert.rejects(() => sign(by), {
    kind: 'signing',
    message: 'The identity token to sign with is empty',
  })
})

test('quotes annotations, so that a comma begins no other', async (context) => {
  const { cosign, calls } = await recording(context)
  await sign(signer(cosign, { annotations: { a: '1,b=2', c: 'say "hi"' }, format: 'tag' }))
  assert.ok((await calls())[0]?.includes('|--annotations="a=1,b=2"|--annotations="c=say ""hi"""|'))
})

test('says under the tag what the image is called, where that is not where it is', async (context) => {
  const { cosign, calls } = await recording(context)
  const by = signer(cosign)
  const graph = await graphOf(image.repository, image.digest)
  await Array.fromAsync(by.sign(graph, image.repository, { registry: 'prod.example', path: 'app' }))
  const flag = '|--sign-container-identity=prod.example/app|'
  assert.deepEqual(
    (await calls()).map((call) => call.includes(flag)),
    [false, true],
  )
})

test('logs in with the credentials of the run, in a docker config and not as arguments', async (context) => {
  const { cosign, calls } = await recording(context, {
    login: ({ registry, path }) => ({ username: `${registry}/${path}`, password: new Secret('geheim') }),
  })
  await sign(signer(cosign, { format: 'bundle' }))
  const auth = Buffer.from('registry.example/team/app:geheim').toString('base64')
  assert.ok((await calls())[0]?.endsWith(`|{"auths":{"registry.example":{"auth":"${auth}"}}}`))
})

test('speaks plain HTTP to a registry only when the run says so', async (context) => {
  const { cosign, calls } = await recording(context, { insecure: (host) => host === 'registry.example' })
  await sign(signer(cosign, { format: 'tag' }))
  assert.ok((await calls())[0]?.includes('|--allow-http-registry|'))
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
  const { cosign } = await recording(context)
  assert.deepEqual(await sign(signer(cosign), signed), ['bundle'])
  assert.deepEqual(await sign(signer(cosign, { format: 'tag' }), signed), [])
})

test('a failure names the image, and shows neither password nor token nor login', async (context) => {
  const path = await writeScript(
    await temporaryFolder(context),
    'echo "Error: $COSIGN_PASSWORD and $(cat "$DOCKER_CONFIG/config.json")" >&2; exit 3',
  )
  const login = { username: 'robot', password: new Secret('login-geheim') }
  const cosign = new CosignProgram({
    path,
    environment: { PATH: process.env.PATH },
    login: () => login,
    insecure: () => false,
  })
  await assert.rejects(() => sign(signer(cosign)), {
    kind: 'signing',
    message: `${NAME}: cosign sign ended with exit code 3: Error: *** and {"auths":{"registry.example":{"auth":"***"}}}`,
  })
})

test('attests with one bundle, whose predicate is in a file', async (context) => {
  const { cosign, calls } = await recording(context)
  const attester = new CosignAttester({
    cosign,
    credential: KEY,
    witnesses: witnesses('key', {}, ['bundle']),
    trustedRoot: async () => 'the-trusted-root',
  })
  const claim = { predicateType: 'https://example.com/v1', predicate: { result: 'PASSED' } }
  await attester.attest(image.root.descriptor, claim, image.repository)
  assert.deepEqual(await calls(), [
    `attest|--use-signing-config=false|--tlog-upload=false|--yes|--new-bundle-format=true|--key=keys/cosign.key|--type=https://example.com/v1|--predicate=predicate|${NAME}|password=geheim|key=|token=|{"result":"PASSED"}`,
  ])
})
