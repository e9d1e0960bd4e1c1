import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import type { PromotionScene, Run } from '../builders/promotion-scene.ts'
import { temporaryFolder } from '../builders/script.ts'
import { secureScene } from './secure-scene.ts'

const DIGEST = digestOf('an image')
const HEAD = '---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n'
const TAIL = 'kind: ImagesLock\n'
const GIBIBYTE = 1024 ** 3
/** Lines of `HEAD`. */
const FIRST_LINE = 4

function lockOf(...images: readonly string[]): string {
  return `${HEAD}${images.map((image) => `- image: ${JSON.stringify(image)}\n`).join('')}${TAIL}`
}

/** The run ended with the exit code of bad input, for this reason, and no registry was asked anything. */
function refused(scene: PromotionScene, { exitCode, result }: Run, why: RegExp): void {
  assert.equal(exitCode, 3)
  assert.match(result.errors.map(({ message }) => message).join('\n'), why)
  assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
}

describe('16. Hostile files are not read, and not written through', () => {
  test('a lock that is a link out of the workspace, by a file or a folder, named or found by a pattern', async (context) => {
    await using scene = await secureScene()
    const outside = await temporaryFolder(context)
    await writeFile(`${outside}/secret.yml`, 'the secret of another job: 1\n')
    await symlink(`${outside}/secret.yml`, scene.path('link.yml'))
    await symlink(outside, scene.path('folder'))
    for (const lock of ['link.yml', 'l*.yml', 'folder/secret.yml', 'folder/*.yml']) {
      const run = await scene.run({ lock })
      refused(scene, run, /a symbolic link that leads out of the working directory/)
      assert.ok(!JSON.stringify(run.result).includes('the secret of another job'))
    }
  })

  test('a lock that is a FIFO, a device, a folder or a gigabyte', { timeout: 20_000 }, async () => {
    await using scene = await secureScene()
    execFileSync('mkfifo', [scene.path('fifo.yml')])
    await mkdir(scene.path('folder.yml'))
    await scene.write('huge.yml', '')
    await truncate(scene.path('huge.yml'), GIBIBYTE)
    await symlink('/dev/zero', scene.path('zero.yml'))
    for (const [lock, why] of [
      ['fifo.yml', /not a regular file/],
      ['folder.yml', /not a regular file/],
      ['huge.yml', /larger than 2 MiB/],
      ['zero.yml', /a symbolic link that leads out/],
      ['/dev/zero', /not a regular file/],
    ] as const)
      refused(scene, await scene.run({ lock }), why)
  })

  test('a key that does not end', async () => {
    await using scene = await secureScene()
    await symlink('/dev/zero', scene.path('endless.key'))
    const endless = scene.path('endless.key')
    refused(scene, await scene.run({ 'public-key': endless }), /is larger than 65536 bytes/)
    refused(scene, await scene.run({ sign: 'key', key: endless }), /is larger than 65536 bytes/)
  })

  test('what the run writes goes beside a link that lies in its place, and not through it', async (context) => {
    await using scene = await secureScene()
    const outside = await temporaryFolder(context)
    for (const name of ['report.json', 'out.yml']) {
      await writeFile(`${outside}/${name}`, 'of another job')
      await symlink(`${outside}/${name}`, scene.path(name))
    }
    const inputs = { report: scene.path('report.json'), 'lock-output': scene.path('out.yml') }
    assert.equal((await scene.run(inputs)).exitCode, 0)
    for (const name of ['report.json', 'out.yml']) {
      assert.equal(await readFile(`${outside}/${name}`, 'utf8'), 'of another job')
      assert.match(await readFile(scene.path(name), 'utf8'), /sha256:/)
    }
  })
})

describe('17. A lock is plain YAML: one document of known keys, without aliases and tags', () => {
  const laughs = [
    'a: &a [x, x]',
    ...[...'bcdefghijklmnopqrstuvwxyz'].map((name, at) => {
      const before = 'abcdefghijklmnopqrstuvwxyz'[at]
      return `${name}: &${name} [*${before}, *${before}]`
    }),
  ].join('\n')
  for (const [what, text, why, line] of [
    ['aliases that grow to gigabytes', laughs, /An anchor \(&name\) is not allowed/, 1],
    [
      'a tag of the core schema',
      `${HEAD}- image: !!binary aaaa\n${TAIL}`,
      /A tag \(!name\) is not allowed/,
      FIRST_LINE,
    ],
    ['a tag of a language', `!!js/function 'x'\n`, /A tag \(!name\) is not allowed/, 1],
    ['a merge key', `${HEAD}- <<: {image: x}\n${TAIL}`, /The key "<<" is not known/, FIRST_LINE],
    [
      'an unknown key',
      `${HEAD}- image: a.example/b@${DIGEST}\n  verify: none\n${TAIL}`,
      /The key "verify" is not known/,
      FIRST_LINE + 1,
    ],
    [
      'an unknown key at the top',
      `${HEAD}- image: a.example/b@${DIGEST}\n${TAIL}policy: none\n`,
      /The key "policy" is not known/,
      FIRST_LINE + 2,
    ],
    [
      'a key of JavaScript’s',
      `${HEAD}- image: a.example/b@${DIGEST}\n${TAIL}__proto__: {image: x}\n`,
      /The key "__proto__" is not known/,
      FIRST_LINE + 2,
    ],
    [
      'a key twice',
      `${HEAD}- image: a.example/b@${DIGEST}\n${TAIL}kind: Other\n`,
      /The key "kind" is written twice/,
      FIRST_LINE + 2,
    ],
    [
      'two documents',
      `${lockOf(`a.example/b@${DIGEST}`)}${lockOf(`a.example/evil@${DIGEST}`)}`,
      /a second YAML document/,
      FIRST_LINE + 2,
    ],
    ['a directive', `%TAG ! tag:evil.example,2000:\n${lockOf()}`, /A directive \(%\) is not allowed/, 1],
    ['deep nesting', '['.repeat(100_000), /nested too deeply/, 1],
    [
      'a character that nobody sees',
      `${HEAD}- image: a.example/b\u0000@${DIGEST}\n${TAIL}`,
      /U\+0000 is not allowed/,
      FIRST_LINE,
    ],
  ] as const) {
    test(`${what} is refused on its line`, async () => {
      await using scene = await secureScene()
      await scene.write('images.yml', text)
      const run = await scene.run()
      refused(scene, run, why)
      assert.equal(run.result.errors.find(({ message }) => why.test(message))?.location?.line, line)
    })
  }

  test('what is wrong is not told in full where it is a megabyte', async () => {
    await using scene = await secureScene()
    await scene.write('images.yml', `apiVersion: v1\nkind: ${'k'.repeat(1024 * 1024)}\n`)
    const run = await scene.run()
    refused(scene, run, /The file is a "kkk/)
    assert.ok(JSON.stringify(run.result).length < 10_000)
  })

  test('more than 5,000 images, and more than 2 MiB, are refused', async () => {
    await using scene = await secureScene()
    const images = Array.from({ length: 5001 }, (_, number) => `a.example/b${number}@${DIGEST}`)
    await scene.write('images.yml', lockOf(...images))
    refused(scene, await scene.run(), /lists 5001 images, and 5000 is the limit/)
    await scene.write('images.yml', `${lockOf()}# ${'x'.repeat(2 * 1024 * 1024)}\n`)
    refused(scene, await scene.run(), /larger than 2 MiB/)
  })
})

describe('18. Names are those of the specification, and each image is pinned', () => {
  const HOST = 'registry.example'
  const LONG = 'a'.repeat(255 - `${HOST}/`.length)
  for (const [what, image, why] of [
    ['a tag', `${HOST}/app:v1`, /has a tag where a digest must be/],
    ['no digest', `${HOST}/app`, /has no digest/],
    [
      'a tag that could be a digest',
      `${HOST}/app:${DIGEST.replace(':', '-')}`,
      /has a tag where a digest must be/,
    ],
    ['capital letters in the path', `${HOST}/App@${DIGEST}`, /capital letters/],
    ['percent signs', `${HOST}/a%2e%2e@${DIGEST}`, /is not a repository path/],
    ['dots that climb', `${HOST}/../../evil@${DIGEST}`, /is not a repository path/],
    ['an empty component', `${HOST}//app@${DIGEST}`, /is not a repository path/],
    ['a query', `${HOST}/app?x=y@${DIGEST}`, /is not a repository path/],
    ['a fragment', `${HOST}/app#x@${DIGEST}`, /is not a repository path/],
    ['a backslash', `${HOST}/a\\b@${DIGEST}`, /is not a repository path/],
    ['256 characters', `${HOST}/${LONG}a@${DIGEST}`, /longer than 255 characters/],
    ['a URL', `https://${HOST}/app@${DIGEST}`, /it is a URL/],
    ['a login', `bob:secret@${HOST}/app@${DIGEST}`, /first "@" is not a digest/],
    ['a port that is none', `${HOST}:99999/app@${DIGEST}`, /is not a registry host/],
    ['an IPv6 address without brackets', `::1/app@${DIGEST}`, /is not a registry host/],
    ['a malformed IPv6 address', `[::1::2]/app@${DIGEST}`, /is not a registry host/],
    ['letters of another script', `regіstry.example/app@${DIGEST}`, /is not a registry host/],
    ['a digest in capital letters', `${HOST}/app@${DIGEST.toUpperCase()}`, /is not a digest/],
    ['two digests', `${HOST}/app@${DIGEST}@${DIGEST}`, /is not a digest/],
    ['a line break', `${HOST}/app@${DIGEST}\n`, /is not a digest/],
  ] as const) {
    test(`an image with ${what} is refused on its line`, async () => {
      await using scene = await secureScene()
      await scene.write('images.yml', lockOf(image))
      const run = await scene.run()
      refused(scene, run, why)
      assert.equal(run.result.errors[0]?.location?.line, FIRST_LINE)
      assert.ok(!JSON.stringify(run.result).includes('secret'))
    })
  }

  test('two spellings of one image are the same image', async () => {
    await using scene = await secureScene()
    const { host } = scene.source
    const one = scene.reference()
    await scene.write('images.yml', lockOf(one, one.replace('@', ':v1@')))
    refused(scene, await scene.run(), /is listed twice, first on line 4/)
    await scene.write('images.yml', lockOf(`GHCR.io/app@${DIGEST}`, `ghcr.io/app@${DIGEST}`))
    refused(scene, await scene.run(), /is listed twice, first on line 4/)
    assert.ok(host.startsWith('127.0.0.1:'))
  })

  test('localhost, in any case and with a port, is a host, and all is promoted from it', async () => {
    await using scene = await secureScene()
    for (const name of ['localhost', 'LocalHost']) {
      const image = scene.reference().replace('127.0.0.1', name)
      await scene.write('images.yml', lockOf(image))
      const { exitCode, result } = await scene.run()
      assert.deepEqual([exitCode, result.images[0]?.source.startsWith('localhost:')], [0, true])
    }
  })

  test('a tag that could be taken for one of cosign’s is refused, and so is one that is none', async () => {
    await using scene = await secureScene()
    for (const tags of [
      `${DIGEST.replace(':', '-')}.sig`,
      DIGEST.replace(':', '-'),
      '../v1',
      'v1/x',
      'a%20b',
      'é',
    ])
      refused(scene, await scene.run({ tags }), /cannot be a tag|hangs something on a digest/)
  })
})
