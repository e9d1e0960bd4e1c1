import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseServiceUrl } from '../../src/inputs/parse-service-url.ts'
import { problemsOf } from '../builders/problems-of.ts'

const INSECURE = ['sigstore.internal:8080']

function parse(url: string): string | undefined {
  const reader = new InputReader(new Map([['rekor-url', url]]))
  const parsed = parseServiceUrl(reader, 'rekor-url', INSECURE)
  reader.throwIfAny()
  return parsed
}

for (const url of [
  'https://rekor.example.com',
  'https://rekor.example.com:8443/path/',
  'http://localhost:3000',
  'http://127.0.0.1:3000/v1',
  'http://[::1]:3000',
  'http://sigstore.internal:8080',
]) {
  test(`takes ${url} as it is written`, () => {
    assert.equal(parse(url), url)
  })
}

test('takes nothing for nothing', () => {
  assert.equal(parse(' '), undefined)
})

for (const [url, message] of [
  ['rekor.example.com', /is not a URL of https$/],
  ['rekor.example.com:443', /is not a URL of https$/],
  ['ftp://rekor.example.com', /is not a URL of https$/],
  ['https://', /is not a URL of https$/],
  ['http://rekor.example.com', /is a URL of plain http to rekor\.example\.com$/],
  ['http://sigstore.internal', /is a URL of plain http to sigstore\.internal$/],
  ['http://127.0.0.1.example.com', /is a URL of plain http/],
  ['https://user:secret@rekor.example.com', /holds a user or a password$/],
  ['https://secret@rekor.example.com', /holds a user or a password$/],
  ['https://rekor.example.com?token=secret', /holds a query or a fragment$/],
  ['https://rekor.example.com#secret', /holds a query or a fragment$/],
] as const) {
  test(`refuses ${url}, and quotes no secret`, async () => {
    const [problem, ...others] = await problemsOf(() => parse(url))
    assert.equal(others.length, 0)
    assert.equal(problem?.kind, 'input')
    assert.match(problem.message, message)
    assert.match(problem.message, /^`rekor-url` /)
    assert.match(problem.hint ?? '', /\.$/)
    // It stands for services of any kind.
    assert.doesNotMatch(problem.hint ?? '', /sigstore\.example/)
    assert.doesNotMatch(`${problem.message} ${problem.hint}`, /secret/)
  })
}
