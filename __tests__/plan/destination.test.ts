import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatRepository, parseRepositoryName } from '../../src/oci/reference.ts'
import { destinationOf, destinationsOf } from '../../src/plan/destination.ts'
import { problemsOf } from '../builders/problems-of.ts'

describe('a target template means', () => {
  for (const [template, source, expected] of [
    ['prod.example/all', 'dev.example/team/app', 'prod.example/all'],
    ['prod.example/{repository}', 'dev.example/team/app', 'prod.example/team/app'],
    ['prod.example/mirror/{name}', 'dev.example/team/app', 'prod.example/mirror/app'],
    ['prod.example/{name}-x/{name}', 'dev.example/app', 'prod.example/app-x/app'],
    ['prod.example/{registry}/{repository}', 'dev.example/team/app', 'prod.example/dev.example/team/app'],
    ['127.0.0.1:5000/{repository}', 'nginx', '127.0.0.1:5000/library/nginx'],
    ['{registry}/prod/{name}', 'dev.example:5000/team/app', 'dev.example:5000/prod/app'],
    ['{repository}', 'dev.example/team/app', 'index.docker.io/team/app'],
  ] as const) {
    test(`${expected} by "${template}" for ${source}`, () => {
      assert.equal(formatRepository(destinationOf(template, parseRepositoryName(source))), expected)
    })
  }
})

describe('a target template is refused', () => {
  for (const [what, template, source] of [
    ['with a port inside its path', 'prod.example/{registry}/app', 'dev.example:5000/app'],
    ['with an unknown placeholder', 'prod.example/{repo}', 'dev.example/app'],
    ['with a placeholder of JavaScript', 'prod.example/{constructor}', 'dev.example/app'],
    ['with a tag', 'prod.example/app:v1', 'dev.example/app'],
  ] as const) {
    test(what, async () => {
      const [error] = await problemsOf(() => destinationOf(template, parseRepositoryName(source)))
      assert.equal(error?.kind, 'input')
      assert.ok(error?.message.includes(`The target "${template}" for ${source} is "`))
    })
  }
})

describe('several targets', () => {
  const source = parseRepositoryName('dev.example/team/web')

  test('are as many repositories, in their order', () => {
    const templates = ['prod.example/{name}', 'eu.example/web', 'prod.example/{repository}']
    assert.deepEqual(destinationsOf(templates, source).map(formatRepository), [
      'prod.example/web',
      'eu.example/web',
      'prod.example/team/web',
    ])
  })

  test('are refused when two are the same repository, and both are named', async () => {
    const templates = ['eu.example/web', 'r7.example/{name}', 'R7.example/web']
    const [error] = await problemsOf(() => destinationsOf(templates, source))
    assert.equal(error?.kind, 'input')
    assert.equal(
      error?.message,
      'The targets "r7.example/{name}" and "R7.example/web" are both r7.example/web for dev.example/team/web',
    )
  })
})
