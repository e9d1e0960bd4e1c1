import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreflightFacts, ProbeFacts } from '../../src/preflight/preflight-finding.ts'
import { preflightGroups } from '../../src/report/preflight-groups.ts'
import { preflightSection } from '../../src/report/preflight-section.ts'

const PROBE: ProbeFacts = {
  mediaTypes: [
    { kind: 'an image', taken: 'yes' },
    { kind: 'a | bundle', taken: 'no' },
    { kind: 'an index', taken: 'not tried' },
  ],
  tags: { move: 'no', remove: 'yes' },
  lists: 'no',
  left: ['a/b@sha256:1', 'a/b:tag'],
}

function facts(repository: string, change: Partial<PreflightFacts> = {}): PreflightFacts {
  return { repository, write: 'granted', referrers: 'api', ...change }
}

test('repositories of one registry of which the same is known are counted, and one alone is named', () => {
  const names = ['a.io/1', 'a.io/2', 'a.io/3', 'b.io/1', 'oci-layout:/srv/1', 'oci-layout:/srv/2']
  const preflight = [...names.map((name) => facts(name)), facts('a.io/4', { write: 'refused' })]
  const groups = preflightGroups({ command: 'plan', preflight }, (name) => `<${name}>`)
  assert.deepEqual(
    groups.map(({ place }) => place),
    ['3 repositories at <a.io>', '<b.io/1>', '<oci-layout:/srv/1>', '<oci-layout:/srv/2>', '<a.io/4>'],
  )
  assert.deepEqual(groups[0]?.facts, ['writing is allowed', 'referrers are listed by an API'])
})

test('what a plan cannot know is told with how it comes to be known', () => {
  const unknown = facts('a.io/1', { write: 'unknown', referrers: 'unknown' })
  const wordsOf = (one: PreflightFacts) =>
    preflightGroups({ command: 'plan', preflight: [one] }, String)[0]?.facts[0]
  assert.equal(
    wordsOf(unknown),
    'unknown whether writing is allowed (plan asks only for a token; promote tries)',
  )
  assert.equal(wordsOf({ ...unknown, probe: PROBE }), 'unknown whether writing is allowed')
})

test('a promotion that has only tried has nothing to tell, and one that has probed does', () => {
  assert.deepEqual(preflightSection({ command: 'promote', preflight: [facts('a/b')] }), [])
  const lines = preflightSection({ command: 'promote', preflight: [facts('a/b', { probe: PROBE })] })
  assert.deepEqual(lines, [
    '### Preflight',
    '',
    '- `a/b`: writing is allowed; referrers are listed by an API; 1 kind of manifest accepted; a \\| bundle refused; 1 kind of manifest not tried; tags cannot be moved; tags can be deleted; a new referrer is not listed; 2 of what was pushed to find that out could not be deleted',
    '',
  ])
})

test('what is different everywhere is cut', () => {
  const preflight = Array.from({ length: 40 }, (_, at) => {
    const left = Array.from({ length: at }, () => 'a/b:tag')
    return facts(`a/${at}`, { probe: { ...PROBE, left } })
  })
  const lines = preflightSection({ command: 'plan', preflight })
  assert.equal(lines.filter((line) => line.startsWith('- `')).length, 30)
  assert.ok(lines.includes('- …and 10 more.'))
})
