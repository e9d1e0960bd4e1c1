import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kbldOriginTags } from '../../src/sources/kbld-origins.ts'

function tagsIn(origins: string): readonly string[] {
  return kbldOriginTags({ 'kbld.carvel.dev/origins': origins })
}

test('takes the tags that kbld looked up and those that it pushed, each once', () => {
  const origins = [
    '- resolved:\n    tag: "1.14"\n    url: r.example:5000/nginx:1.14',
    '- preresolved:\n    url: r.example:5000/team/app:v2@sha256:00',
    '- tagged:\n    tags:\n    - v2\n    - latest',
  ]
  assert.deepEqual(tagsIn(`${origins.join('\n')}\n`), ['1.14', 'v2', 'latest'])
})

test('takes a number for no tag, since 1.10 would be 1.1, and finds it in the name', () => {
  assert.deepEqual(tagsIn('- resolved:\n    tag: 1.10\n    url: nginx:1.10\n'), ['1.10'])
})

test('takes no port, no tag of a git repository, and nothing that cannot be a tag', () => {
  const origins = [
    '- resolved:\n    url: r.example:5000/nginx',
    '- preresolved:\n    url: r.example/app@sha256:00',
    '- git:\n    remoteURL: git@example.com:app.git\n    sha: "00"\n    tags:\n    - v1',
    '- tagged:\n    tags:\n    - "a b"\n    - "-x"',
  ]
  assert.deepEqual(tagsIn(`${origins.join('\n')}\n`), [])
})

test('goes on without what is unknown or malformed: it is a note, and no list is refused for it', () => {
  for (const origins of [
    '- new: {x: 1}\n',
    'text',
    '- [',
    '- tagged: {tags: v1}\n',
    '- tagged:\n',
    '',
    '- &a x\n',
  ]) {
    assert.deepEqual(tagsIn(origins), [], origins)
  }
  assert.deepEqual(kbldOriginTags({}), [])
})
