import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequestLine, readStatus } from '../../../bench/relay/request-line.ts'

const HEX = 'a'.repeat(64)
const LINES: readonly (readonly [line: string, kind: string | undefined])[] = [
  ['GET /v2/ HTTP/1.1', 'GET ping'],
  ['HEAD /v2/team/app/manifests/v1 HTTP/1.1', 'HEAD manifest'],
  [`GET /v2/team/app/manifests/sha256:${HEX} HTTP/1.1`, 'GET manifest'],
  [`PUT /v2/team/app/manifests/sha256-${HEX}.sig HTTP/1.1`, 'PUT attached tag'],
  [`GET /v2/team/app/manifests/sha256-${HEX} HTTP/1.1`, 'GET fallback tag'],
  [`GET /v2/team/app/referrers/sha256:${HEX} HTTP/1.1`, 'GET referrers'],
  ['GET /v2/team/app/tags/list?n=1000 HTTP/1.1', 'GET tag list'],
  [`HEAD /v2/team/app/blobs/sha256:${HEX} HTTP/1.1`, 'HEAD blob'],
  [`POST /v2/team/app/blobs/uploads/?mount=sha256:${HEX}&from=a HTTP/1.1`, 'POST upload'],
  ['PATCH /v2/team/app/blobs/uploads/1234?_state=abc HTTP/1.1', 'PATCH upload'],
  ['GET /token?service=x HTTP/1.1', 'GET other'],
  ['GETTING /v2/ HTTP/1.1', undefined],
  ['\u001f\u008bGET /v2/ HTTP/1.1', undefined],
]

for (const [line, kind] of LINES) {
  test(`"${line.slice(0, 60)}" is ${kind ?? 'no request'}`, () => {
    assert.equal(readRequestLine(Buffer.from(`${line}\r\nHost: x\r\n\r\n`, 'latin1')), kind)
  })
}

test('reads the status of an answer, and says when there is none', () => {
  assert.equal(readStatus(Buffer.from('HTTP/1.1 201 Created\r\n')), '201')
  assert.equal(readStatus(Buffer.from('nothing of the kind')), '?')
})
