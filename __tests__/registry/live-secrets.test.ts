import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { LiveSecrets } from '../../src/registry/live-secrets.ts'

const PASSWORD = 'a b/c+d "é"\\<&>\ne'

function secrets(): LiveSecrets {
  const live = new LiveSecrets()
  live.addLogin('bob', PASSWORD)
  live.add('tok.en')
  return live
}

const FORMS: Readonly<Record<string, string>> = {
  'as it is': PASSWORD,
  'on one line': 'a b/c+d "é"\\<&> e',
  'in JSON': JSON.stringify(PASSWORD).slice(1, -1),
  'in JSON as Go writes it': 'a b/c+d \\"é\\"\\\\\\u003c\\u0026\\u003e\\ne',
  'percent-encoded': encodeURIComponent(PASSWORD),
  'percent-encoded in lower case': encodeURIComponent(PASSWORD).replace(/%../g, (text) => text.toLowerCase()),
  'in a path': encodeURI(PASSWORD),
  'in a form': String(new URLSearchParams({ x: PASSWORD })).slice(2),
  'in base64': Buffer.from(PASSWORD).toString('base64').replace(/=+$/, ''),
  'as Basic auth sends it': Buffer.from(`bob:${PASSWORD}`).toString('base64').replace(/=+$/, ''),
  'as the base64 in a URL': encodeURIComponent(
    Buffer.from(`bob:${PASSWORD}`).toString('base64').replace(/=+$/, ''),
  ),
  'in HTML': 'a b/c+d &quot;é&quot;\\&lt;&amp;&gt;\ne',
  'in HTML as Go writes it': 'a b/c+d &#34;é&#34;\\&lt;&amp;&gt;\ne',
  'in hex': Buffer.from(PASSWORD).toString('hex'),
  'in hex in upper case': Buffer.from(PASSWORD).toString('hex').toUpperCase(),
  'in base64url': Buffer.from(PASSWORD).toString('base64url'),
  'in the base64 of something longer': Buffer.from(`{"auths":"${PASSWORD}"}`).toString('base64'),
  'in that, shifted by one': Buffer.from(`{"oauths":"${PASSWORD}"}`).toString('base64url'),
  'in base64 twice': Buffer.from(Buffer.from(`bob:${PASSWORD}`).toString('base64')).toString('base64'),
  'as a token': 'tok.en',
}

for (const [how, form] of Object.entries(FORMS)) {
  test(`takes a secret out of a text ${how}`, () => {
    assert.equal(secrets().redact(`you sent ${form}, ${form}!`), 'you sent ***, ***!')
  })
}

test('leaves digests and other long words alone', () => {
  const text = `sha256:${'0123456789abcdef'.repeat(4)} registry.example/team/application-with-a-long-name ${'A'.repeat(99)}`
  assert.equal(secrets().redact(text), text)
})

test('takes the whole of a secret out of which another one is a part', () => {
  const live = new LiveSecrets()
  live.add('word')
  live.add('password1')
  assert.equal(live.redact('word password1'), '*** ***')
})

test('an empty secret, and one that is no valid text, harm nothing', () => {
  const live = new LiveSecrets()
  live.addLogin('bob', '')
  live.add('')
  live.add('\ud800x')
  assert.equal(live.redact('bob Ym9iOg== and others'), 'bob Ym9iOg== and others')
})

test('cleans an error, its stack and its causes, and gives the same one back', () => {
  const cause = new Error('inner tok.en')
  const error = new PromotionError('registry', 'outer tok.en', { cause })
  assert.equal(secrets().clean(error), error)
  assert.deepEqual([error.message, cause.message], ['outer ***', 'inner ***'])
  assert.doesNotMatch(`${error.stack}${cause.stack}`, /tok\.en/)
})

test('leaves alone what holds no secret, even where it could not be written', () => {
  const abort = new DOMException('stopped', 'AbortError')
  assert.equal(secrets().clean(abort), abort)
  assert.equal(secrets().clean('tok.en'), 'tok.en')
})

test('causes that lead in a circle come to an end', () => {
  const error = new Error('tok.en')
  error.cause = error
  secrets().clean(error)
  assert.equal(error.message, '***')
})
