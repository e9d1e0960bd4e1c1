import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { requirePattern } from '../../src/policy/require-pattern.ts'

for (const pattern of [
  '**',
  '**/app',
  '*/**',
  'r.example/**',
  'r.example/**/x',
  'r.example/team-*/a.*',
  '*.example.com/app',
  '127.0.0.1:*/**',
  'localhost/a',
  '[::1]:5000/*',
  'docker.io/**',
  'docker.io/library/*',
]) {
  test(`takes ${pattern}`, () => {
    requirePattern(pattern)
  })
}

for (const [pattern, why] of [
  ['', 'it names no path in a registry'],
  ['nginx', 'it names no path in a registry'],
  ['r.example', 'it names no path in a registry'],
  ['*', 'it names no path in a registry'],
  ['acme/app', 'it does not begin with the host of a registry'],
  ['/a', 'it does not begin with the host of a registry'],
  ['https://r.example/a', 'it is a URL'],
  ['r.example/a:v1', 'it holds a tag or a digest'],
  ['r.example:5000/a:*', 'it holds a tag or a digest'],
  [`r.example/a@sha256:${'0'.repeat(64)}`, 'it holds a tag or a digest'],
  ['R.example/a', 'no repository has capital letters'],
  ['r.example/A', 'no repository has capital letters'],
  ['r.example/a?', 'it holds a character that no repository has'],
  ['r.example/{a,b}', 'it holds a character that no repository has'],
  ['r.example/a b', 'it holds a character that no repository has'],
  ['r.example/a**', '"a**" holds ** and something else'],
  ['r.example/***', '"***" holds ** and something else'],
  ['r.example//a', 'no repository has such a name'],
  ['r.example/a/', 'no repository has such a name'],
  ['r.example/-*', 'no repository has such a name'],
  ['r.example/[a]', 'no repository has such a name'],
  ['r..example/a', 'no repository has such a name'],
  ['docker.io/nginx', 'images of Docker Hub without an owner are in "library"'],
  ['docker.io/*', 'images of Docker Hub without an owner are in "library"'],
  [`r.example/${'a'.repeat(250)}`, 'it is longer than 255 characters'],
] as const) {
  test(`refuses "${pattern.slice(0, 40)}": ${why}`, () => {
    assert.throws(
      () => requirePattern(pattern),
      (error) => {
        assert.ok(error instanceof PromotionError)
        assert.equal(error.kind, 'input')
        assert.equal(error.message, `"${pattern}" is no pattern for repositories: ${why}`)
        assert.match(error.hint ?? '', /\.$/)
        return true
      },
    )
  })
}
