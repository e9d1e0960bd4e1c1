import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatRepository, parseRepositoryName } from '../../src/oci/reference.ts'
import { destinationOf } from '../../src/plan/destination.ts'
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
