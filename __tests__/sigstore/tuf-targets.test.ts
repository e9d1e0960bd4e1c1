import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'
import type { PromotionError } from '../../src/errors.ts'
import { TufTargets } from '../../src/sigstore/tuf-targets.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { temporaryFolder } from '../builders/script.ts'
import { startPrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'

const TARGET = 'trusted_root.json'
const sigstore = await startPrivateSigstore()
after(() => sigstore.close())

/** The private Sigstore's repository, with its own root or another one, and a cache of its own. */
async function repository(context: TestContext, rootText = sigstore.tufRoot) {
  const cache = await temporaryFolder(context)
  const root = join(cache, 'given.json')
  await writeFile(root, rootText)
  return { mirror: sigstore.tufUrl, root, cache }
}

async function onlyProblem(run: () => unknown): Promise<PromotionError> {
  const [problem, ...others] = await problemsOf(run)
  assert.ok(problem && others.length === 0)
  return problem
}

describe('a TUF repository', () => {
  test('gives its files, and is asked for its metadata once', async (context) => {
    const targets = new TufTargets(await repository(context))
    const before = sigstore.requests.length
    assert.equal(await targets.read(TARGET), sigstore.trustedRoot)
    assert.ok((await targets.read('signing_config.v0.2.json')).includes('signingconfig.v0.2'))
    const paths = sigstore.requests.slice(before).map(({ path }) => path)
    assert.equal(paths.filter((path) => path.endsWith('timestamp.json')).length, 1)
  })

  test('is not asked before something is read', async (context) => {
    const before = sigstore.requests.length
    new TufTargets(await repository(context))
    assert.equal(sigstore.requests.length, before)
  })

  test('begins with the root that was given, whatever an earlier run left', async (context) => {
    await using other = await startPrivateSigstore()
    const own = await repository(context)
    await new TufTargets(own).read(TARGET)
    await writeFile(own.root, other.tufRoot)
    const problem = await onlyProblem(() => new TufTargets(own).read(TARGET))
    assert.equal(problem.kind, 'registry')
  })

  test('may be written with a slash behind it', async (context) => {
    const own = await repository(context)
    const targets = new TufTargets({ ...own, mirror: `${own.mirror}/` })
    assert.equal(await targets.read(TARGET), sigstore.trustedRoot)
  })
})

describe('without a TUF repository that answers', () => {
  test('says what it asked, why, and what to pass instead', async (context) => {
    sigstore.refuse.tuf = 418
    context.after(() => {
      delete sigstore.refuse.tuf
    })
    const targets = new TufTargets(await repository(context))
    for (const [name, input] of [
      [TARGET, 'trusted-root'],
      ['signing_config.v0.2.json', 'signing-config'],
    ] as const) {
      const { kind, message, hint } = await onlyProblem(() => targets.read(name))
      assert.equal(kind, 'registry')
      assert.equal(
        message,
        `${name} could not be fetched by TUF from ${sigstore.tufUrl}: Failed to download (HTTP status 418)`,
      )
      assert.match(
        hint ?? '',
        new RegExp(`^It is needed for .+ or pass \`${input}: FILE\` and nothing is fetched\\.$`),
      )
    }
  })

  test('says so as well when what it has is out of date', async (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 365 * 24 * 60 * 60 * 1000 })
    const targets = new TufTargets(await repository(context))
    const { message, hint } = await onlyProblem(() => targets.read(TARGET))
    assert.match(message, /expired/)
    assert.match(hint ?? '', /with its clock right/)
  })

  test('says so as well when a file is missing', async (context) => {
    const targets = new TufTargets(await repository(context))
    const { message } = await onlyProblem(() => targets.read('other.json'))
    assert.match(message, /^other\.json could not be fetched by TUF from .+: target other\.json not found$/)
  })
})

describe('without a mirror', () => {
  test('the public instance is asked, and what it says is checked with the root that is shipped', async (context) => {
    const fetched = context.mock.method(globalThis, 'fetch', async () => new Response('', { status: 404 }))
    const cache = await temporaryFolder(context)
    const targets = new TufTargets({ mirror: undefined, root: undefined, cache })
    const { message } = await onlyProblem(() => targets.read(TARGET))
    assert.match(
      message,
      /by TUF from https:\/\/tuf-repo-cdn\.sigstore\.dev: Failed to download \(HTTP status 404\)$/,
    )
    const urls = fetched.mock.calls.map(({ arguments: [url] }) => String(url))
    assert.ok(urls.length > 0)
    for (const url of urls) assert.ok(url.startsWith('https://tuf-repo-cdn.sigstore.dev/'))
    const [folder] = await readdir(cache)
    const root = JSON.parse(await readFile(join(cache, folder ?? '', 'root.json'), 'utf8'))
    assert.equal(root.signed._type, 'root')
    const trusted = await readFile(join(cache, folder ?? '', 'targets', TARGET), 'utf8')
    assert.match(trusted, /https:\/\/fulcio\.sigstore\.dev/)
  })
})

describe('a TUF repository cannot be used', () => {
  const cases: readonly [string, string, RegExp][] = [
    ['that is no URL', 'tuf.example.com', /^`tuf-mirror` is not the URL of a TUF repository$/],
    ['that is a file', 'file:///etc', /^`tuf-mirror` is not the URL of a TUF repository$/],
    ['with a password in it', 'https://me:secret@tuf.example.com', /^`tuf-mirror` is not the URL/],
  ]
  for (const [name, mirror, message] of cases) {
    test(name, async () => {
      const problem = await onlyProblem(() => new TufTargets({ mirror, root: undefined, cache: '' }))
      assert.equal(problem.kind, 'input')
      assert.match(problem.message, message)
      assert.doesNotMatch(JSON.stringify(problem), /secret/)
    })
  }

  test('without its root', async (context) => {
    const { mirror, cache } = await repository(context)
    const problem = await onlyProblem(() => new TufTargets({ mirror, root: undefined, cache }).read(TARGET))
    assert.equal(problem.kind, 'input')
    assert.match(problem.message, /^Nothing says which root\.json the TUF repository at http:.+ begins with$/)
  })

  test('whose root is a file that is not there', async (context) => {
    const { mirror, cache } = await repository(context)
    const root = join(cache, 'nowhere.json')
    const problem = await onlyProblem(() => new TufTargets({ mirror, root, cache }).read(TARGET))
    assert.equal(problem.kind, 'input')
    assert.equal(problem.message, `The TUF root ${root} cannot be read`)
  })

  test('whose root is a file of another kind, which is said before it is asked', async (context) => {
    for (const text of ['', '[]', '{"signed":1}']) {
      const own = await repository(context, text)
      const before = sigstore.requests.length
      const problem = await onlyProblem(() => new TufTargets(own).read(TARGET))
      assert.equal(problem.kind, 'input')
      assert.equal(problem.message, `${own.root} is no root.json of a TUF repository`)
      assert.equal(sigstore.requests.length, before)
    }
  })
})
