import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { PromotionError } from '../../src/errors.ts'
import { attachedTag, fallbackTag, isAttachedTag } from '../../src/oci/attached-tag.ts'
import { algorithmOf, digestOf, hexOf, isDigest, parseDigest } from '../../src/oci/digest.ts'
import {
  formatReference,
  formatRepository,
  isPinned,
  isTag,
  parsePinnedReference,
  parseReference,
  parseRepositoryName,
  type Reference,
} from '../../src/oci/reference.ts'
import { checkProperty } from './check-property.ts'

const RUNS = 500
const LONGEST_NAME = 255
const LONGEST_MESSAGE = 1000
/** Written for Docker Hub's own, which is shorter. */
const ALIAS = /^registry-1\.docker\.io/
const HEX = [...'0123456789abcdef']
const WORD = fc.stringMatching(/^[a-z0-9]{1,6}$/)
const SEPARATOR = fc.constantFrom('.', '_', '__', '-', '---')

const component = fc
  .array(fc.tuple(WORD, SEPARATOR), { maxLength: 3 })
  .chain((words) => WORD.map((last) => `${words.map((pair) => pair.join('')).join('')}${last}`))
const path = fc.array(component, { minLength: 2, maxLength: 4 }).map((components) => components.join('/'))
const domain = fc.domain().map((name) => name.toLowerCase())
const mixedCase = domain.chain((name) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => [...name].map((sign, index) => (upper[index] ? sign.toUpperCase() : sign)).join('')),
)
const host = fc.oneof(
  domain,
  mixedCase,
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom('localhost', 'LocalHost', '127.0.0.1', '[::1]', 'docker.io', 'registry-1.docker.io'),
)
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined })
const registry = fc
  .tuple(host, port)
  .map(([name, number]) => (number === undefined ? name : `${name}:${number}`))
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/)
const digest = fc.string().map((text) => digestOf(text))
const repository = fc
  .tuple(registry, path)
  .map(([name, rest]) => `${name}/${rest}`)
  .filter((name) => name.length <= LONGEST_NAME - 'index.'.length)

/** Pieces that mean something in a name, and everything else. */
const fragment = fc.oneof(
  fc.constantFrom(
    '/',
    ':',
    '@',
    '.',
    '..',
    '-',
    '_',
    '%',
    '%2e',
    '[',
    ']',
    '::',
    '::1',
    '?',
    '#',
    '\\',
    ' ',
    '\n',
    '\0',
    '//',
  ),
  fc.constantFrom(
    'localhost',
    'sha256:',
    'sha256',
    'A',
    'https://',
    'library',
    '127.0.0.1',
    '65536',
    'a'.repeat(256),
    'é',
    '\u0456',
  ),
  WORD,
  digest,
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const anyText = fc.oneof(
  fc.array(fragment, { maxLength: 9 }).map((fragments) => fragments.join('')),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.tuple(repository, digest).map((parts) => parts.join('@')),
  fc.tuple(fragment, fc.nat(500), fragment).map(([one, times, other]) => `${one.repeat(times)}${other}`),
)

/** What `read` gives; undefined after a refusal, which says what to do and is not too long for a log. */
function readOrRefuse<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof PromotionError, String(error))
    assert.equal(error.kind, 'input')
    assert.ok(error.hint)
    assert.ok(error.message.length <= LONGEST_MESSAGE, `${error.message.length} characters`)
    return undefined
  }
}

/** A reference is a part of URLs: it must not be able to lead anywhere else in one. */
function staysInItsPlace(reference: Reference): void {
  const { registry: name, path: rest } = reference.repository
  const what = isPinned(reference) ? reference.digest : reference.tag
  const url = new URL(`https://${name}/v2/${rest}/manifests/${what}`)
  assert.equal(url.pathname, `/v2/${rest}/manifests/${what}`)
  assert.equal(url.username + url.password + url.search + url.hash, '')
  const [, written = ''] = /^(.*?)(?::\d+)?$/.exec(name) ?? []
  assert.equal(url.hostname, written.startsWith('[') ? new URL(`https://${written}`).hostname : written)
  assert.ok(formatRepository(reference.repository).length <= LONGEST_NAME)
  assert.match(rest, /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/)
  assert.doesNotMatch(rest, /\.\.|\/\/|\.\/|\/\./)
}

describe('18. Names, by their properties: references', () => {
  test('what the grammar allows is read, and written out it is read as the same', (context) =>
    checkProperty(
      context,
      RUNS,
      fc.tuple(repository, fc.option(tag), fc.option(digest)),
      ([name, version, pin]) => {
        const text = `${name}${version === null ? '' : `:${version}`}${pin === null ? '' : `@${pin}`}`
        const reference = parseReference(text)
        assert.deepEqual(parseReference(formatReference(reference)), reference)
        assert.equal(isPinned(reference), pin !== null)
        if (isPinned(reference)) assert.equal(reference.digest, pin)
        else assert.equal(reference.tag, version ?? 'latest')
        assert.equal(reference.repository.path, name.slice(name.indexOf('/') + 1))
        staysInItsPlace(reference)
      },
    ))

  test('any text is read as what stays in its place in a URL, or refused with a hint', (context) =>
    checkProperty(context, 4 * RUNS, anyText, (text) => {
      const reference = readOrRefuse(() => parseReference(text))
      if (reference !== undefined) {
        staysInItsPlace(reference)
        assert.deepEqual(parseReference(formatReference(reference)), reference)
      }
      const pinned = readOrRefuse(() => parsePinnedReference(text))
      assert.equal(pinned !== undefined, reference !== undefined && isPinned(reference))
      const name = readOrRefuse(() => parseRepositoryName(text))
      if (name !== undefined) assert.deepEqual(parseRepositoryName(formatRepository(name)), name)
    }))

  test('a name of 256 characters is refused, whatever it is made of', (context) =>
    checkProperty(
      context,
      100,
      repository.filter((name) => !ALIAS.test(name)),
      (name) => {
        const long = `${name}/${'a'.repeat(LONGEST_NAME - name.length)}`
        assert.equal(long.length, LONGEST_NAME + 1)
        assert.throws(() => parseRepositoryName(long), PromotionError)
      },
    ))

  test('a login in front of any name is never quoted', (context) =>
    checkProperty(context, RUNS, fc.tuple(repository, fc.stringMatching(/^[a-z]{1,5}$/)), ([name, user]) => {
      const password = 'the-password-of-the-user'
      for (const text of [`${user}:${password}@${name}`, `https://${user}:${password}@${name}:v1`]) {
        assert.throws(
          () => parseReference(text),
          (error: PromotionError) => !`${error.message} ${error.hint} ${error.stack}`.includes(password),
        )
      }
    }))

  test('a tag is one of 1 to 128 letters, digits and three signs that does not begin with dot or dash', (context) =>
    checkProperty(context, RUNS, fc.oneof(tag, fragment, anyText), (text) => {
      const isAllowed = [...text].every((sign) => /[\w.-]/.test(sign) && sign <= '\x7f')
      assert.equal(isTag(text), isAllowed && text.length >= 1 && text.length <= 128 && !/^[.-]/.test(text))
    }))
})

describe('2. Digests, by their properties', () => {
  const bytes = fc.uint8Array({ maxLength: 64 })
  const algorithm = fc.constantFrom('sha256' as const, 'sha512' as const)

  test('those of any bytes are read, and are the parts that make them', (context) =>
    checkProperty(context, RUNS, fc.tuple(bytes, algorithm), ([content, name]) => {
      const made = digestOf(content, name)
      assert.equal(parseDigest(made), made)
      assert.deepEqual([algorithmOf(made), hexOf(made)], [name, made.slice(7)])
      if (name === 'sha256') {
        assert.ok(isAttachedTag(attachedTag(made, 'sig')) && isTag(attachedTag(made, 'sig')))
      }
      assert.ok(isAttachedTag(fallbackTag(made)) && isTag(fallbackTag(made)))
    }))

  test('one with any single change is refused, unless it is another hexadecimal digit', (context) =>
    checkProperty(
      context,
      RUNS,
      fc.tuple(digest, fc.nat(71), fc.string({ unit: 'binary', maxLength: 2 }), fc.boolean()),
      ([made, at, instead, keeps]) => {
        const changed = made.slice(0, at) + instead + made.slice(keeps ? at : at + 1)
        const isStill =
          changed.length === made.length &&
          changed.startsWith('sha256:') &&
          [...changed.slice('sha256:'.length)].every((sign) => HEX.includes(sign))
        assert.equal(isDigest(changed), isStill)
        assert.equal(readOrRefuse(() => parseDigest(changed)) !== undefined, isStill)
      },
    ))

  test('any text is a digest or refused, and no refusal is too long for a log', (context) =>
    checkProperty(context, RUNS, anyText, (text) => {
      assert.equal(readOrRefuse(() => parseDigest(text)) !== undefined, isDigest(text))
    }))
})
