import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Inputs = Readonly<Record<string, string>>

const SIGNED: Inputs = { 'public-key': 'cosign.pub' }
const COMPOSE: Inputs = { compose: 'compose.yml', to: 'r.example/{name}' }

function parse(inputs: Inputs, environment: Inputs = {}) {
  return parseSettings(new Map(Object.entries(inputs)), environment)
}

async function refusal(inputs: Inputs): Promise<readonly string[]> {
  return (await problemsOf(() => parse(inputs))).map(({ message }) => message)
}

test('each kind of list is enough to promote', () => {
  const to = 'r.example/prod'
  assert.deepEqual(parse({ bundle: 'r.example/bundle:v1', to, ...SIGNED }).bundles, ['r.example/bundle:v1'])
  assert.equal(parse({ from: 'oci-layout:release.tar', to, ...SIGNED }).from, 'release.tar')
  assert.deepEqual(parse({ ...COMPOSE, ...SIGNED }).compose.files, ['compose.yml'])
})

test('a compose file may say who signs and who must have signed, and needs nothing of the inputs', () => {
  const { verification, signing, listSigning } = parse(
    { ...COMPOSE, annotations: 'a=1' },
    { COSIGN_PASSWORD: 'x' },
  )
  assert.deepEqual([verification.by, signing.by], ['list', 'nobody'])
  assert.deepEqual(listSigning?.annotations, { a: '1' })
  assert.equal(listSigning?.password.reveal(), 'x')
  assert.equal(parse({ ...COMPOSE, command: 'sign', to: '' }).signing.by, 'nobody')
  assert.equal(parse({ ...COMPOSE, command: 'sign', to: '', key: 'k' }).signing.by, 'key')
})

test('what the inputs say holds for services that say nothing', () => {
  assert.equal(parse({ ...COMPOSE, ...SIGNED }).verification.by, 'key')
  assert.equal(parse({ ...COMPOSE, verify: 'none' }).verification.by, 'nobody')
  assert.equal(parse({ ...COMPOSE, sign: 'keyless' }).verification.by, 'signer')
})

test('profiles are those of the inputs: what the environment says is for who reads the files', () => {
  const profiles = (inputs: Inputs) =>
    parse({ ...COMPOSE, ...inputs }, { COMPOSE_PROFILES: 'a' }).compose.profiles
  assert.deepEqual(profiles({}), [])
  assert.deepEqual(profiles({ 'compose-profiles': 'c' }), ['c'])
})

test('what belongs to compose files is refused without one', async () => {
  const inputs = { images: 'r.example/a:v1', to: 'r.example/prod', ...SIGNED }
  assert.deepEqual(await refusal({ ...inputs, 'compose-profiles': 'a', 'compose-env-file': '.env' }), [
    '`compose-profiles` is given, but `compose` names no file',
    '`compose-env-file` is given, but `compose` names no file',
  ])
})

test('only a layout can be read from', async () => {
  const inputs = { to: 'r.example/prod', ...SIGNED }
  const hints: Readonly<Record<string, string>> = {
    'release.tar': 'Write oci-layout:release.tar for an archive or a folder.',
    '../a/release.tar': 'Write oci-layout:../a/release.tar for an archive or a folder.',
    'oci-archive:a/release.tar:v1': 'Write oci-layout:a/release.tar for an archive or a folder.',
    'oci:full': 'Write oci-layout:full for an archive or a folder.',
    release: 'Write oci-layout: and a path behind it.',
    'oci-layout:': 'Write oci-layout: and a path behind it.',
  }
  for (const [from, hint] of Object.entries(hints)) {
    const [problem, ...others] = await problemsOf(() => parse({ ...inputs, from }))
    assert.equal(problem?.message, `\`from\` cannot be "${from}"`)
    assert.deepEqual([problem.hint, others], [hint, []])
  }
})

test('a compressed archive can be neither read nor written', async () => {
  for (const path of ['release.tar.gz', 'release.tgz', 'release.tar.zst', 'release.tar.xz']) {
    const layout = `oci-layout:${path}`
    for (const from of [layout, path]) {
      const [read] = await problemsOf(() => parse({ from, to: 'r.example/prod', ...SIGNED }))
      assert.equal(read?.message, `\`from\` cannot be "${from}": the archive is compressed`)
      assert.match(read.hint ?? '', /gunzip.* oci-layout:release\.tar\.$/)
    }
    const [written] = await problemsOf(() => parse({ images: 'r.example/a:v1', to: layout, ...SIGNED }))
    assert.equal(written?.message, `"${layout}" cannot be a target: an archive is written uncompressed`)
    assert.match(written.hint ?? '', /^Write oci-layout:release\.tar,/)
  }
})

test('Artifactory needs its URL, and its inputs need Artifactory', async () => {
  const inputs = { images: 'r.example/a:v1', to: 'r.example/prod', ...SIGNED }
  const url = 'https://r.example/artifactory'
  assert.deepEqual(
    parse({ ...inputs, 'copy-by': 'artifactory', 'artifactory-url': url, move: 'true' }).copying,
    {
      by: 'artifactory',
      url: new URL(url),
      move: true,
    },
  )
  assert.deepEqual(await refusal({ ...inputs, 'copy-by': 'artifactory' }), [
    '`copy-by` is "artifactory", and `artifactory-url` is not given',
  ])
  assert.deepEqual(await refusal({ ...inputs, 'copy-by': 'artifactory', 'artifactory-url': 'r.example' }), [
    '`artifactory-url` is not a URL of https',
  ])
  assert.deepEqual(await refusal({ ...inputs, 'artifactory-url': url, move: 'true' }), [
    '`artifactory-url` is given, but `copy-by` is "registry"',
    '`move` is given, but `copy-by` is "registry"',
  ])
})

test('names every input that lists images when none is given', async () => {
  const [problem] = await problemsOf(() => parse({ to: 'r.example/prod', ...SIGNED }))
  assert.equal(problem?.hint, 'Set `lock` or `bundle` or `images` or `compose` or `from`.')
})

test('neither cosign nor Artifactory has a layout for source or target, all told with the other problems', async () => {
  const artifactory = { 'copy-by': 'artifactory', 'artifactory-url': 'https://r.example/artifactory' }
  const given = { ...artifactory, verifier: 'cosign', signer: 'cosign', concurrency: '0' }
  const refused = [
    '`concurrency` cannot be "0"',
    '`signer` is cosign, which cannot look into an OCI layout',
    '`verifier` is cosign, which cannot look into an OCI layout',
    '`copy-by` is artifactory, which copies only what is in Artifactory already',
  ]
  const [source, target] = [
    { from: 'oci-layout:release.tar', to: 'r.example/prod' },
    { images: 'r.example/a:v1', to: 'r.example/prod\noci-layout:release' },
  ]
  for (const place of [source, target]) {
    assert.deepEqual(await refusal({ ...given, ...place, sign: 'key', key: 'k' }), refused)
    assert.deepEqual(await refusal({ ...given, ...place, compose: 'compose.yml' }), refused)
    assert.deepEqual(await refusal({ ...place, ...SIGNED }), [])
  }
  const registries = { ...given, concurrency: '1', images: 'r.example/a:v1', to: 'r.example/prod' }
  assert.deepEqual(await refusal({ ...registries, sign: 'key', key: 'k' }), [])
})

test('a signature names one target', async () => {
  const signing = { images: 'r.example/a:v1', key: 'k', 'sign-identity': 'target' }
  assert.deepEqual(parse({ ...signing, command: 'sign', to: 'r.example/prod/{name}' }).to, [
    'r.example/prod/{name}',
  ])
  assert.deepEqual(await refusal({ ...signing, command: 'sign' }), [
    'The command sign needs a target, and `to` is not given',
  ])
  assert.deepEqual(await refusal({ ...signing, sign: 'key', to: 'r.example/prod\nr.example/mirror' }), [
    '`sign-identity` is "target", and `to` names 2 of them',
  ])
  assert.deepEqual(
    await refusal({ ...signing, command: 'sign', to: 'r.example/a', 'sign-identity': 'source' }),
    ['`to` is given, but the command sign copies nothing'],
  )
})
