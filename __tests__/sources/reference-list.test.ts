import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatReference } from '../../src/oci/reference.ts'
import { parseReferenceList } from '../../src/sources/reference-list.ts'
import { problemsOf } from '../builders/problems-of.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

test('reads references by tag and by digest as they were written', () => {
  const listed = parseReferenceList(['nginx', `r.example/app:v1@${DIGEST}`])
  assert.deepEqual(
    listed.map(({ reference, written, annotations }) => [formatReference(reference), written, annotations]),
    [
      ['index.docker.io/library/nginx:latest', 'nginx', {}],
      [`r.example/app@${DIGEST}`, `r.example/app:v1@${DIGEST}`, {}],
    ],
  )
})

test('refuses the same reference twice, also in another spelling, and reports everything together', async () => {
  const lines = [
    'nginx',
    'docker.io/library/nginx:latest',
    'nginx',
    'r.example/App',
    'r.example/app@sha256:abc',
  ]
  const problems = await problemsOf(() => parseReferenceList(lines))
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['input', 'input', 'input', 'input'],
  )
  assert.deepEqual(
    problems.slice(0, 2).map(({ message }) => message),
    [
      '"docker.io/library/nginx:latest" is listed twice in `images`, also as "nginx"',
      '"nginx" is listed twice in `images`',
    ],
  )
})

test('takes two tags of one repository for two references', () => {
  assert.equal(parseReferenceList(['r.example/app:v1', 'r.example/app:v2']).length, 2)
})
