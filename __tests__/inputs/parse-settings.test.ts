import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Inputs = Readonly<Record<string, string>>
type Environment = Readonly<Record<string, string>>

const PROMOTION: Inputs = { images: 'r.example/app:v1', to: 'r.example/prod', 'public-key': 'cosign.pub' }

function parse(inputs: Inputs, environment: Environment = {}): Settings {
  return parseSettings(new Map(Object.entries(inputs)), environment)
}

async function refusal(inputs: Inputs, environment: Environment = {}): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(inputs, environment))
  for (const { kind, hint } of problems) {
    assert.equal(kind, 'input')
    assert.match(hint ?? '', /\.$/)
  }
  return problems.map(({ message }) => message)
}

test('reads a promotion with everything left at its default', () => {
  const { verification, ...others } = parse(PROMOTION)
  assert.deepEqual(others, {
    command: 'promote',
    lock: [],
    bundles: [],
    images: ['r.example/app:v1'],
    compose: { files: [], profiles: [], envFiles: [] },
    from: undefined,
    to: ['r.example/prod'],
    tags: [],
    existingTags: 'refuse',
    imgpkgTags: false,
    copying: { by: 'registry' },
    signing: { by: 'nobody' },
    listSigning: undefined,
    transparency: 'auto',
    sigstore: {
      trustedRoot: undefined,
      tufMirror: undefined,
      tufRoot: undefined,
      signingConfig: undefined,
      fulcioUrl: undefined,
      rekorUrl: undefined,
      timestampUrl: undefined,
    },
    cosign: { path: undefined, release: undefined, mirror: undefined },
    allowUntrustedTrigger: false,
    registries: { credentials: [], insecure: [] },
    readBack: 'auto',
    concurrency: 64,
    deadline: undefined,
    saving: { place: undefined, comment: undefined, shards: 1 },
    applying: undefined,
    preflight: 'check',
    rebuildFallback: false,
    lockOutput: undefined,
    report: undefined,
    undo: undefined,
  })
  assert.deepEqual(verification, {
    by: 'key',
    publicKey: { path: 'cosign.pub' },
    requireAnnotations: {},
    requireAttestations: [],
    transparency: 'none',
    timestamp: 'none',
    verifier: 'native',
  })
})

test('reads lists line by line, blanks and Windows line ends aside', () => {
  const settings = parse({
    ...PROMOTION,
    lock: ' a.yml \r\n\r\n locks/*.yml\n',
    tags: 'v1\nlatest\n',
    to: 'r.example/{name}\nr.example/mirror/{repository}',
    'existing-tags': 'move',
    concurrency: ' 64 ',
    'lock-output': 'out-{target}.yml',
    report: 'report.json',
  })
  assert.deepEqual(settings.lock, ['a.yml', 'locks/*.yml'])
  assert.deepEqual(settings.tags, ['v1', 'latest'])
  assert.deepEqual(settings.to, ['r.example/{name}', 'r.example/mirror/{repository}'])
  assert.equal(settings.existingTags, 'move')
  assert.equal(settings.concurrency, 64)
  assert.equal(settings.lockOutput, 'out-{target}.yml')
  assert.equal(settings.report, 'report.json')
})

test('takes every default of the table, handed over as by the runner, for nothing given', () => {
  const defaults = Object.fromEntries(INPUTS.map((input) => [input.name, input.default]))
  assert.deepEqual(parse({ ...defaults, ...PROMOTION }), parse(PROMOTION))
  const check = { command: 'verify', images: 'r.example/app:v1', 'public-key': 'cosign.pub' }
  assert.deepEqual(parse({ ...defaults, ...check }), parse(check))
  const signing = { command: 'sign', images: 'r.example/app:v1', key: 'cosign.key' }
  assert.deepEqual(parse({ ...defaults, ...signing }), parse(signing))
})

test('refuses an unknown command and nothing else, because all else hangs on it', async () => {
  assert.deepEqual(await refusal({ command: 'copy' }), ['`command` cannot be "copy"'])
})

test('needs images, a target and a policy to promote or plan, and says all of it at once', async () => {
  for (const command of ['promote', 'plan']) {
    assert.deepEqual(await refusal({ command }), [
      `The command ${command} needs images, and nothing lists any`,
      'Nothing says who must have signed the images',
      `The command ${command} needs a target, and \`to\` is not given`,
    ])
  }
})

test('needs images and a key to sign', async () => {
  assert.deepEqual(await refusal({ command: 'sign' }), [
    'The command sign needs images, and nothing lists any',
    'There is no key to sign with',
  ])
})

test('needs images and a policy to verify', async () => {
  assert.deepEqual(await refusal({ command: 'verify' }), [
    'The command verify needs images, and nothing lists any',
    'Nothing says who must have signed the images',
  ])
})

test('refuses inputs that the command does not use', async () => {
  const check = { command: 'verify', images: 'r.example/app:v1', 'public-key': 'cosign.pub' }
  assert.deepEqual(await refusal({ ...check, to: 'r.example/prod', tags: 'v1', sign: 'key', key: 'k' }), [
    '`to` is given, but the command verify does not use it',
    '`tags` is given, but the command verify does not use it',
    '`sign` is given, but the command verify does not use it',
    '`key` is given, but the command verify does not use it',
  ])
  const signing = { command: 'sign', images: 'r.example/app:v1', key: 'cosign.key' }
  const inputs = {
    ...signing,
    verify: 'none',
    policy: 'p.yml',
    'attest-promotion': 'key',
    'lock-output': 'out.yml',
  }
  assert.deepEqual(await refusal(inputs), [
    '`attest-promotion` is given, but the command sign does not use it',
    '`verify` is given, but the command sign does not use it',
    '`policy` is given, but the command sign does not use it',
    '`lock-output` is given, but the command sign does not use it',
  ])
})

test('signs in a run that code from a fork may have started only when that is said', async () => {
  const signing = { ...PROMOTION, sign: 'key', key: 'cosign.key' }
  assert.equal(parse(signing).allowUntrustedTrigger, false)
  assert.equal(parse({ ...signing, 'allow-untrusted-trigger': 'true' }).allowUntrustedTrigger, true)
  assert.deepEqual(await refusal({ ...signing, 'allow-untrusted-trigger': 'yes' }), [
    '`allow-untrusted-trigger` cannot be "yes"',
  ])
})

test('takes plain http for services from the hosts that are insecure', async () => {
  const signing = {
    ...PROMOTION,
    sign: 'keyless',
    'rekor-url': 'https://rekor.example',
    'trusted-root': 'root.json',
  }
  const fulcio = { ...signing, 'fulcio-url': 'http://sigstore.internal:5555' }
  assert.deepEqual(await refusal(fulcio), ['`fulcio-url` is a URL of plain http to sigstore.internal:5555'])
  const { sigstore } = parse({ ...fulcio, 'insecure-registries': 'sigstore.internal:5555' })
  assert.equal(sigstore.fulcioUrl, 'http://sigstore.internal:5555')
})

test('lets a secret pass that this command does not need', () => {
  const check = { command: 'verify', images: 'r.example/app:v1', 'public-key': 'cosign.pub' }
  assert.equal(parse({ ...check, 'key-password': 'x', 'identity-token': 'x' }).command, 'verify')
})

test('refuses values that a choice does not have, and names those it has', async () => {
  const inputs = { ...PROMOTION, 'existing-tags': 'overwrite', verify: 'maybe', sign: 'gpg' }
  assert.deepEqual(await refusal(inputs), [
    '`sign` cannot be "gpg"',
    '`verify` cannot be "maybe"',
    '`existing-tags` cannot be "overwrite"',
  ])
  const [first] = await problemsOf(() => parse(inputs))
  assert.equal(first?.hint, 'Use none or key or keyless.')
})

test('refuses unusable and duplicate targets', async () => {
  const to = 'r.example/prod\nr.example/{nmae}\nr.example/prod:v1\nR.EXAMPLE/prod\nr.example/prod'
  assert.deepEqual(await refusal({ ...PROMOTION, to }), [
    '"r.example/{nmae}" cannot be a target: there is no placeholder {nmae}',
    '"r.example/prod:v1" cannot be a target: it does not make a repository name',
    'The target "R.EXAMPLE/prod" is given twice, also as "r.example/prod"',
    'The target "r.example/prod" is given twice',
  ])
})

test('refuses what cannot be a tag, unknown placeholders and duplicates', async () => {
  assert.deepEqual(await refusal({ ...PROMOTION, tags: 'v1\n-bad\n{tag}\n{origin-tag}\nv1\na b' }), [
    '"-bad" cannot be a tag',
    '"{tag}" has an unknown placeholder',
    'The tag "v1" is given twice',
    '"a b" cannot be a tag',
  ])
})

test('takes a concurrency from 1 to 128 only', async () => {
  assert.equal(parse({ ...PROMOTION, concurrency: '1' }).concurrency, 1)
  assert.equal(parse({ ...PROMOTION, concurrency: '128' }).concurrency, 128)
  for (const concurrency of ['0', '129', '-1', '1.5', '0x8', 'eight', '999999999999']) {
    assert.deepEqual(await refusal({ ...PROMOTION, concurrency }), [
      `\`concurrency\` cannot be "${concurrency}"`,
    ])
  }
})

for (const [deadline, milliseconds] of [
  ['90s', 90_000],
  ['45m', 2_700_000],
  [' 2h ', 7_200_000],
  ['1h30m5s', 5_405_000],
  ['168h', 604_800_000],
] as const) {
  test(`takes the deadline "${deadline}" for ${milliseconds} milliseconds`, () => {
    assert.deepEqual(parse({ ...PROMOTION, deadline }).deadline, { text: deadline.trim(), milliseconds })
  })
}

test('refuses a deadline that is no time, none at all, or more than a week', async () => {
  for (const deadline of ['0s', '90', 's', 'm', '1.5h', '-2h', '5d', '30m1h', '169h', '2h 5m', '9999999s']) {
    assert.deepEqual(await refusal({ ...PROMOTION, deadline }), [`\`deadline\` cannot be "${deadline}"`])
  }
})

test('takes how to read back from who promotes, and from nobody else', async () => {
  for (const readBack of ['auto', 'full', 'head'] as const) {
    assert.equal(parse({ ...PROMOTION, 'read-back': readBack }).readBack, readBack)
  }
  const check = { command: 'verify', images: 'r.example/app:v1', 'public-key': 'cosign.pub' }
  assert.deepEqual(await refusal({ ...check, 'read-back': 'full' }), [
    '`read-back` is given, but the command verify does not use it',
  ])
})

test('reports the problems of all inputs together', async () => {
  const inputs = {
    ...PROMOTION,
    concurrency: '0',
    registries: 'one-word',
    'insecure-registries': 'a/b',
    'require-annotations': 'x',
    annotations: 'x',
  }
  assert.equal((await refusal(inputs)).length, 5)
})

test('refuses a tag by which a signature or a referrer is found', async () => {
  const hex = '0'.repeat(64)
  for (const tag of [`sha256-${hex}.sig`, `sha256-${hex}`, `sha512-${hex}`]) {
    assert.deepEqual(await refusal({ ...PROMOTION, tags: tag }), [
      `"${tag}" is a tag that hangs something on a digest`,
    ])
  }
  assert.deepEqual(parseSettings(new Map(Object.entries({ ...PROMOTION, tags: 'sha256-abc' })), {}).tags, [
    'sha256-abc',
  ])
})
