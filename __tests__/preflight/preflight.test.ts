import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionScene, type Run, writesTo } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import type { Action, AuthSwitch } from '../fakes/registry-switches.ts'

const READ_ONLY = { readOnly: /^prod\// }

/** A registry whose only account may do this, and its tokens tell so. */
function telling(actions: readonly Action[]): AuthSwitch {
  const accounts = [{ username: 'robot', password: 'secret', actions }]
  return { by: 'bearer', accounts, tokenClaims: true }
}

/** The inputs by which a run logs in there. */
function login({ host }: RegistryServer): Readonly<Record<string, string>> {
  return { registries: `${host} robot secret` }
}

function factsOf({ result }: Run) {
  return result.preflight.map(({ write, referrers }) => ({ write, referrers }))
}

function bodiesIn(registry: RegistryServer): number {
  return writesTo(registry).reduce((sum, { bytesIn }) => sum + bytesIn, 0)
}

describe('before anything is copied', () => {
  test('a target that takes no upload ends the run, and no target has been sent a byte', async () => {
    await using scene = await PromotionScene.start({}, [{}, READ_ONLY])
    const run = await scene.run()
    const [willing, refusing] = scene.targets
    assert.ok(willing && refusing)
    assert.equal(run.exitCode, 4)
    const [error, ...others] = run.result.errors
    assert.match(error?.message ?? '', /POST http:.*\/prod\/app\/blobs\/uploads\/ answered 405: UNSUPPORTED/)
    assert.ok(error?.message.includes(refusing.host))
    assert.match(error?.hint ?? '', /read-only/)
    assert.deepEqual([others, error?.location?.file], [[], 'images.yml'])
    assert.deepEqual(
      factsOf(run).map(({ write }) => write),
      ['granted', 'refused'],
    )
    assert.equal(run.reporter.steps.at(-1), 'Preflight')
    for (const target of scene.targets) {
      assert.equal(bodiesIn(target), 0)
      assert.equal(target.store.openUploads(), 0)
    }
    assert.deepEqual(
      writesTo(willing).map(({ method }) => method),
      ['POST', 'DELETE'],
    )
  })

  test('the refusals of all targets are told together', async () => {
    await using scene = await PromotionScene.start({}, [
      READ_ONLY,
      { auth: telling(['pull']) },
      { createsRepositories: false },
    ])
    const [, reader] = scene.targets
    assert.ok(reader)
    const { exitCode, result } = await scene.run(login(reader))
    assert.equal(exitCode, 4)
    assert.deepEqual(
      result.errors.map(({ message }) => /answered (\d+)/.exec(message)?.[1]),
      ['405', '401', '404'],
    )
    assert.match(result.errors[1]?.hint ?? '', /refused the credentials of "robot"/)
  })

  test('an account that may push and not delete is enough', async () => {
    await using scene = await PromotionScene.start({}, [{ auth: telling(['pull', 'push']) }])
    const { exitCode, result } = await scene.run(login(scene.target))
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
    // Of the preflight, and of the question whether the registry tells by a mount what it has.
    assert.ok(scene.target.requestsBy('DELETE').length <= 4)
  })

  test('nothing is asked of a target that has everything', async () => {
    await using scene = await PromotionScene.start()
    await scene.run()
    scene.target.requests.length = 0
    const again = await scene.run()
    assert.deepEqual(writesTo(scene.target), [])
    assert.ok(!again.reporter.steps.includes('Preflight'))
    assert.deepEqual(again.result.preflight, [])
    const two = await scene.run({ tags: 'v1\nlatest' })
    assert.deepEqual(factsOf(two), [{ write: 'granted', referrers: 'unknown' }])
  })

  test('a signature that does not count comes before any question to the target', async () => {
    await using scene = await PromotionScene.start({}, [READ_ONLY])
    const { exitCode } = await scene.run({ 'require-annotations': 'stage=other' })
    assert.equal(exitCode, 5)
    assert.deepEqual(writesTo(scene.target), [])
  })
})

describe('a plan', () => {
  for (const [what, actions, tokenClaims, write, warns] of [
    ['allows to push', ['pull', 'push'], true, 'granted', false],
    ['does not allow to push', ['pull'], true, 'refused', true],
    ['says nothing', ['pull'], false, 'unknown', false],
  ] as const) {
    test(`writes nothing where a token ${what}, and is not refused`, async () => {
      const auth = { ...telling(actions), tokenClaims }
      await using scene = await PromotionScene.start({}, [{ auth, referrersApi: false }])
      const run = await scene.run({ command: 'plan', ...login(scene.target) })
      assert.equal(run.exitCode, 2)
      assert.deepEqual(factsOf(run), [{ write, referrers: 'fallback tag' }])
      assert.equal(
        run.result.warnings.some((text) => /\/prod\/app: .* does not allow to push/.test(text)),
        warns,
      )
      assert.deepEqual(writesTo(scene.target), [])
    })
  }

  test('does not ask about a right where there is nothing to do', async () => {
    await using scene = await PromotionScene.start({}, [{ auth: telling(['pull', 'push', 'delete']) }])
    await scene.run(login(scene.target))
    scene.target.requests.length = 0
    const run = await scene.run({ command: 'plan', ...login(scene.target) })
    assert.deepEqual(factsOf(run), [])
    const tokens = scene.target.requests.filter(({ path }) => path === '/token')
    assert.ok(tokens.length > 0)
    assert.ok(tokens.every(({ query }) => !query.get('scope')?.includes('push')))
  })
})
