import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { coversPattern } from '../../src/policy/covers-pattern.ts'
import { demandFor } from '../../src/policy/demand-for.ts'
import { requirePattern } from '../../src/policy/require-pattern.ts'
import { formatYaml } from '../../src/yaml/yaml.ts'
import { policyProblems, readPolicyText } from '../builders/policy-text.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { checkProperty } from './check-property.ts'

const RUNS = 300
const FIELDS = [
  'public-key',
  'certificate-identity',
  'certificate-identity-regexp',
  'certificate-oidc-issuer',
  'transparency',
  'timestamp',
  'any',
  'all',
  'repository',
  'signed-by',
  'annotations',
  'attestations',
  'predicate-type',
  '__proto__',
  'constructor',
]
const WORDS = [
  'nobody',
  'one',
  'two',
  'rekor',
  'none',
  'required',
  'spdx',
  '**',
  'r.example/*',
  '(',
  'missing.pub',
  '',
]

/** Anything with the words of a policy in it, mostly in the wrong places. */
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(...WORDS),
    fc.constantFrom<unknown>(1, true, null),
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('node'), { maxKeys: 4 }),
  ),
}))
const signers = fc.oneof(fc.dictionary(fc.constantFrom('one', 'two', 'nobody', '__proto__'), node), node)
const rules = fc.oneof(
  fc.array(fc.oneof(fc.dictionary(fc.constantFrom(...FIELDS), node), node), { maxLength: 3 }),
  node,
)
const policy = fc
  .tuple(signers, rules)
  .map(([described, listed]) => formatYaml({ version: 1, signers: described, rules: listed }))

const NAMES = ['one', 'two', 'three']
const someNames = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 })
const writtenRule = fc
  .tuple(
    fc.oneof(
      someNames.map((any) => ({ any })),
      someNames.map((all) => ({ all })),
    ),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.string({ unit: 'binary' }), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  )
  .map(([choice, annotations]) => ({
    'signed-by': choice,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }))

/** Names and patterns of few parts, so that they often meet. */
const segment = fc.constantFrom('a', 'b', 'ab', 'a-b', 'ba')
const wildSegment = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', '*-*', '**')
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((path) => ['r.example', ...path].join('/'))
const pattern = fc.oneof(
  fc.constant('**'),
  fc
    .tuple(fc.constantFrom('r.example', '*', '**'), fc.array(wildSegment, { minLength: 1, maxLength: 4 }))
    .map(([host, path]) => [host, ...path].join('/')),
)

function speaksOf(wanted: string, repository: string): boolean {
  const everything = { repository: '**', demand: { by: 'nobody' } } as const
  const demand = { by: 'nobody' } as const
  const rule = { repository: wanted, demand }
  return demandFor({ rules: [rule, everything], file: undefined }, parseRepositoryName(repository)) === demand
}

describe('17. Policies, by their properties', () => {
  test('any file ends in a policy or in refusals with their lines', (context) =>
    checkProperty(context, RUNS, policy, async (text) => {
      const lines = text.split('\n').length
      for (const problem of await policyProblems(text)) {
        const [, line] = /^(\d+): ./s.exec(problem) ?? []
        assert.ok(Number(line) >= 1 && Number(line) <= lines, problem)
      }
    }))

  test('a policy is read as it was written', (context) =>
    checkProperty(context, RUNS, fc.array(writtenRule, { maxLength: 4 }), async (written) => {
      const all = { repository: '**', 'signed-by': { any: NAMES } }
      const listed = written.map((rule, index) => ({ repository: `r.example/a${index}`, ...rule }))
      const described = Object.fromEntries(NAMES.map((key) => [key, { 'public-key': `${key}.pub` }]))
      const policyText = formatYaml({ version: 1, signers: described, rules: [...listed, all] })
      const read = (await readPolicyText(policyText)).rules.map(({ repository, demand }) => {
        if (demand.by === 'nobody' || demand.signature === undefined) return assert.fail('nobody has to sign')
        const { of, signers: chosen } = demand.signature
        const signedBy = { [of]: chosen.map(({ name: key }) => key) }
        const annotations = demand.requireAnnotations
        const stated = Object.keys(annotations).length === 0 ? {} : { annotations }
        return { repository, 'signed-by': signedBy, ...stated }
      })
      assert.deepEqual(read, [...listed, all])
    }))

  test('what a covering pattern is said to cover, it matches', (context) =>
    checkProperty(context, 10 * RUNS, fc.tuple(pattern, pattern, name), ([earlier, later, repository]) => {
      fc.pre(coversPattern(earlier, later) && speaksOf(later, repository))
      assert.ok(speaksOf(earlier, repository), `${earlier} covers ${later}, but not ${repository}`)
    }))

  test('a name is a pattern for itself', (context) =>
    checkProperty(context, RUNS, name, (repository) => {
      requirePattern(repository)
      assert.ok(speaksOf(repository, repository))
    }))

  test('any text is a pattern or is refused', (context) => {
    const text = fc.array(fc.constantFrom(...'ab.:*/[]@-_A? ', '**', 'r.example/', 'docker.io/'), {
      maxLength: 12,
    })
    return checkProperty(context, RUNS, text, async (pieces) => {
      for (const { kind, hint } of await problemsOf(() => requirePattern(pieces.join('')))) {
        assert.equal(kind, 'input')
        assert.ok(hint)
      }
    })
  })
})
