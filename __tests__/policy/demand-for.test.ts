import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { demandFor, demandsNothing } from '../../src/policy/demand-for.ts'
import { forEveryImage, keySigner, signedBy } from '../../src/policy/make-demand.ts'
import type { Demand, VerificationPolicy } from '../../src/policy/policy.ts'

const NOBODY: Demand = { by: 'nobody' }
const SOMEBODY: Demand = signedBy(keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey))

function policyOf(...patterns: readonly string[]): VerificationPolicy {
  const rules = patterns.map((repository) => ({ repository, demand: SOMEBODY }))
  return { rules, file: 'policy.yml' }
}

function speaksOf(pattern: string, repository: string): boolean {
  const rules = [
    { repository: pattern, demand: SOMEBODY },
    { repository: '**', demand: NOBODY },
  ]
  return demandFor({ rules, file: undefined }, parseRepositoryName(repository)) === SOMEBODY
}

for (const [pattern, repository] of [
  ['**', 'r.example/a'],
  ['**', 'localhost:5000/a/b/c'],
  ['**/app', 'r.example/a/app'],
  ['r.example/**', 'r.example/a'],
  ['r.example/**', 'r.example/a/b'],
  ['r.example/**/app', 'r.example/app'],
  ['r.example/**/app', 'r.example/a/b/app'],
  ['r.example/*', 'r.example/a.b_c'],
  ['r.example/team-*/app', 'r.example/team-a/app'],
  ['*.example/a', 'r.example/a'],
  ['127.0.0.1:*/**', '127.0.0.1:5000/a'],
  ['[::1]:5000/*', '[::1]:5000/a'],
  ['docker.io/library/*', 'nginx'],
  ['index.docker.io/library/nginx', 'docker.io/nginx'],
  ['docker.io/acme/*', 'registry-1.docker.io/acme/app'],
  ['*.docker.io/acme/app', 'acme/app'],
  ['r.example/a', 'R.EXAMPLE/a'],
  ['r.example/**', 'r.example:443/a'],
  ['r.example:443/**', 'r.example/a'],
  ['r.example:443/**', 'r.example:443/a'],
  ['r.example/**', 'r.example:00443/a'],
  ['r.example:5000/**', 'r.example:05000/a'],
  ['[::1]/*', '[::1]:443/a'],
  ['docker.io/acme/*', 'docker.io:443/acme/app'],
  ['docker.io/acme/*', 'index.docker.io:443/acme/app'],
  ['docker.io/acme/*', 'registry.hub.docker.com/acme/app'],
  ['registry.hub.docker.com/acme/*', 'acme/app'],
] as const) {
  test(`${pattern} speaks of ${repository}`, () => {
    assert.ok(speaksOf(pattern, repository))
  })
}

for (const [pattern, repository] of [
  ['r.example/*', 'r.example/a/b'],
  ['r.example/a', 'r.example/a/b'],
  ['r.example/a', 'r.example/aa'],
  ['r.example/a*', 'r.example/ba'],
  ['r.example/**', 'r.example.com/a'],
  ['r.example/**', 'r.example:5000/a'],
  ['r.example/**', 'r.example:4430/a'],
  ['r.example/**', 'r.example:8443/a'],
  ['r.example/**', 'r.example:80/a'],
  ['r.example:5000/**', 'r.example:443/a'],
  ['r.example/**', 'evil.example/r.example/a'],
  ['rXexample/a', 'r.example/a'],
  ['r.example/[ab]', 'r.example/a'],
  ['r.example/{a,b}', 'r.example/a'],
  ['r.example/?', 'r.example/ab'],
  ['!r.example/a', 'r.example/b'],
  ['r.example/!(b)', 'r.example/a'],
  ['docker.io/*', 'quay.io/a'],
] as const) {
  test(`${pattern} does not speak of ${repository}`, () => {
    assert.ok(!speaksOf(pattern, repository))
  })
}

test('the first rule that matches decides', () => {
  const rules = [
    { repository: 'r.example/open/*', demand: NOBODY },
    { repository: 'r.example/**', demand: SOMEBODY },
    { repository: 'r.example/late', demand: NOBODY },
  ]
  const demands = ['r.example/open/a', 'r.example/open/a/b', 'r.example/late'].map((name) =>
    demandFor({ rules, file: undefined }, parseRepositoryName(name)),
  )
  assert.deepEqual(demands, [NOBODY, SOMEBODY, SOMEBODY])
})

test('an image that no rule matches is refused', () => {
  assert.throws(
    () => demandFor(policyOf('r.example/a', 'r.example/b/**'), parseRepositoryName('r.example/c')),
    (error) => {
      assert.ok(error instanceof PromotionError)
      assert.equal(error.kind, 'verification')
      const patterns = 'its patterns are r.example/a, r.example/b/**'
      assert.equal(error.message, `No rule of policy.yml speaks of r.example/c; ${patterns}`)
      assert.match(error.hint ?? '', /`signed-by: nobody`/)
      return true
    },
  )
})

test('only a policy of rules for nobody demands nothing', () => {
  assert.ok(demandsNothing(forEveryImage(NOBODY)))
  assert.ok(!demandsNothing(forEveryImage(SOMEBODY)))
  assert.ok(
    !demandsNothing({
      rules: [{ repository: 'a', demand: NOBODY }, ...policyOf('b').rules],
      file: undefined,
    }),
  )
})
