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

test('repositories of which the same is known are told together, the first of them by name', () => {
  const names = ['a/1', 'a/2', 'a/3', 'a/4', 'a/5']
  const preflight = [...names.map((name) => facts(name)), facts('b/1', { write: 'refused' })]
  const [same, other, ...none] = preflightGroups({ command: 'plan', preflight })
  assert.deepEqual(same, {
    repositories: ['a/1', 'a/2', 'a/3'],
    more: 2,
    facts: ['may be written to', 'lists referrers by its API'],
  })
  assert.deepEqual([other?.repositories, other?.more, none], [['b/1'], 0, []])
})

test('a promotion that has only tried has nothing to tell, and one that has probed does', () => {
  assert.deepEqual(preflightSection({ command: 'promote', preflight: [facts('a/b')] }), [])
  const lines = preflightSection({ command: 'promote', preflight: [facts('a/b', { probe: PROBE })] })
  assert.deepEqual(lines, [
    '### Preflight',
    '',
    '- `a/b`: may be written to; lists referrers by its API; takes 1 kind of manifests; refuses a \\| bundle; 1 kind of manifests not tried; tags cannot be moved; tags can be deleted; does not list a new referrer; keeps 2 of what was pushed to find that out',
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
