import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import {
  formatReference,
  formatRepository,
  hostIn,
  isPinned,
  isTag,
  parsePinnedReference,
  parseReference,
  parseRepositoryName,
  sameRepository,
} from '../../src/oci/reference.ts'
import { type Random, randomFrom } from '../builders/random-from.ts'

const DIGEST = digestOf('image')

const READ: Readonly<Record<string, string>> = {
  nginx: 'index.docker.io/library/nginx:latest',
  'nginx:1.27': 'index.docker.io/library/nginx:1.27',
  'grafana/grafana': 'index.docker.io/grafana/grafana:latest',
  'docker.io/nginx': 'index.docker.io/library/nginx:latest',
  'docker.io/grafana/grafana:11': 'index.docker.io/grafana/grafana:11',
  'index.docker.io/nginx': 'index.docker.io/library/nginx:latest',
  'registry-1.docker.io/library/nginx': 'index.docker.io/library/nginx:latest',
  'Docker.IO/nginx': 'index.docker.io/library/nginx:latest',
  'localhost/app': 'localhost/app:latest',
  'LOCALHOST/app': 'localhost/app:latest',
  'localhost:5000/app:v1': 'localhost:5000/app:v1',
  'myhost/app': 'index.docker.io/myhost/app:latest',
  'myhost:5000/app': 'myhost:5000/app:latest',
  'registry:5000/app:5000': 'registry:5000/app:5000',
  'app:5000': 'index.docker.io/library/app:5000',
  '127.0.0.1:5000/team/app:v1': '127.0.0.1:5000/team/app:v1',
  '[::1]:5000/app:v1': '[::1]:5000/app:v1',
  '[2001:DB8::1]/app': '[2001:db8::1]/app:latest',
  'Registry.Example.COM/team/app': 'registry.example.com/team/app:latest',
  'ghcr.io/a/b/c/d:V1_2.3-x': 'ghcr.io/a/b/c/d:V1_2.3-x',
  'ghcr.io/a__b/c--d/e.f_g': 'ghcr.io/a__b/c--d/e.f_g:latest',
  'my_host/app': 'index.docker.io/my_host/app:latest',
  [`nginx@${DIGEST}`]: `index.docker.io/library/nginx@${DIGEST}`,
  [`localhost:5000/app:v1@${DIGEST}`]: `localhost:5000/app@${DIGEST}`,
}

for (const [text, expected] of Object.entries(READ)) {
  test(`reads ${text} as ${expected}`, () => {
    assert.equal(formatReference(parseReference(text)), expected)
  })
}

const REFUSED: Readonly<Record<string, string>> = {
  'an empty text': '',
  'a tag alone': ':v1',
  'a digest alone': `@${DIGEST}`,
  'a host alone': 'ghcr.io/',
  'an address that is none': '127.0.0.300/app',
  'a host that ends in a number': 'registry.1:5000/app',
  'an empty component': 'ghcr.io/a//b',
  'a slash at the end': 'ghcr.io/a/',
  'a slash in front': '/ghcr.io/a',
  'upper case in the path': 'ghcr.io/Team/app',
  'upper case in a short name': 'Nginx',
  'percent encoding in the path': 'ghcr.io/te%61m/app',
  'percent encoding in the host': 'ghcr%2eio:443/app',
  'a step upwards': 'ghcr.io/../app',
  'a dot as a component': 'ghcr.io/./app',
  'a scheme': 'https://ghcr.io/app',
  'a user name': 'user:password@ghcr.io/app',
  'a query': 'ghcr.io/app?x=1',
  'a fragment': 'ghcr.io/app#x',
  'a space': 'ghcr.io/my app',
  'a space in front': ' ghcr.io/app',
  'a line feed at the end': 'ghcr.io/app\n',
  'a NUL': 'ghcr.io/app\0',
  'an umlaut': 'ghcr.io/äpp',
  'a backslash': 'ghcr.io\\app',
  'three underscores': 'ghcr.io/a___b',
  'a dot at the end of a component': 'ghcr.io/a./b',
  'a hyphen in front of a component': 'ghcr.io/-a/b',
  'an empty tag': 'ghcr.io/app:',
  'a tag that begins with a dot': 'ghcr.io/app:.v1',
  'a tag that begins with a hyphen': 'ghcr.io/app:-v1',
  'a plus sign in its tag': 'ghcr.io/app:1.0+build',
  'a tag of 129 characters': `ghcr.io/app:${'a'.repeat(129)}`,
  'a malformed digest': 'ghcr.io/app@sha256:abc',
  'an empty digest': 'ghcr.io/app@',
  'two digests': `ghcr.io/app@${DIGEST}@${DIGEST}`,
  'a malformed tag before its digest': `ghcr.io/app:.v1@${DIGEST}`,
  'an empty tag before its digest': `ghcr.io/app:@${DIGEST}`,
  'a tag behind its digest': `ghcr.io/app@${DIGEST}:v1`,
  'a port of six digits': 'localhost:123456/app',
  'a port above 65535': 'localhost:65536/app',
  'a port 0': 'localhost:0/app',
  'a port that is no number': 'localhost:http/app',
  'an empty port': 'localhost:/app',
  'IPv6 without its brackets': '::1/app',
  'brackets around no address': '[localhost]:5000/app',
  'brackets around colons only': '[:::::]/app',
  'an open bracket': '[::1/app',
  'a host that ends with a dot': 'ghcr.io./app',
  'two dots in its host': 'ghcr..io/app',
  'a host that begins with a hyphen': '-ghcr.io/app',
  'an underscore in its host': 'my_host.example:5000/app',
}

for (const [what, text] of Object.entries(REFUSED)) {
  test(`refuses a reference with ${what}`, () => {
    assert.throws(() => parseReference(text), { name: 'PromotionError', kind: 'input' })
  })
}

test('takes a name of 255 characters and refuses one of 256', () => {
  const name = (length: number) => `ghcr.io/${'a'.repeat(length - 'ghcr.io/'.length)}`
  assert.equal(formatRepository(parseRepositoryName(name(255))), name(255))
  assert.throws(() => parseRepositoryName(name(256)), /longer than 255 characters/)
  assert.throws(() => parseReference(`${name(256)}@${DIGEST}`), /longer than 255 characters/)
})

test('a repository name has neither tag nor digest', () => {
  assert.throws(() => parseRepositoryName('ghcr.io/app:v1'), /not a repository path/)
  assert.throws(() => parseRepositoryName(`ghcr.io/app@${DIGEST}`), /not a repository path/)
})

test('a tag has at most 128 characters', () => {
  assert.equal(isTag('a'.repeat(128)), true)
  assert.equal(isTag('a'.repeat(129)), false)
  assert.equal(isTag('v1\n'), false)
  assert.equal(isTag(DIGEST), false)
})

test('a pinned reference needs a digest, and the error quotes what was written', () => {
  assert.equal(parsePinnedReference(`ghcr.io/app:v1@${DIGEST}`).digest, DIGEST)
  assert.throws(() => parsePinnedReference('ghcr.io/app:v1'), {
    kind: 'input',
    message: '"ghcr.io/app:v1" is not a usable image reference: it has no digest',
    hint: 'Pin it: write name@sha256:… instead of a tag.',
  })
})

test('a sha512 digest pins nothing, and the hint says what does', () => {
  for (const parse of [parseReference, parsePinnedReference])
    assert.throws(() => parse(`ghcr.io/app@${digestOf('x', 'sha512')}`), {
      kind: 'input',
      message: /: its digest is not a sha256$/,
      hint: 'Pin the image by sha256.',
    })
})

test('says what is wrong with a URL and with capital letters', () => {
  const problem = (why: string, hint: RegExp) => ({ message: new RegExp(`: ${why}$`), hint })
  assert.throws(
    () => parseReference('https://ghcr.io/app'),
    problem('it is a URL', /^Leave out https:\/\/\.$/),
  )
  assert.throws(
    () => parseReference('docker://ghcr.io/a:1'),
    problem('it is a URL', /^Leave out docker:\/\/\.$/),
  )
  const capitals = problem('capital letters are not allowed in a path', /its path in lower case\.$/)
  assert.throws(() => parseReference('ghcr.io/Team/app:V1'), capitals)
  assert.throws(
    () => parseReference('ghcr.io/Te am/app'),
    problem('"Te am/app" is not a repository path', /\.$/),
  )
})

test('tells a host from a path as docker does', () => {
  const hosts = ['ghcr.io/a', 'registry:5000/a', 'localhost/a', 'LocalHost/a', '[::1]/a']
  assert.deepEqual(hosts.map(hostIn), ['ghcr.io', 'registry:5000', 'localhost', 'LocalHost', '[::1]'])
  assert.deepEqual(['a/b', 'a', '/a', 'ghcr.io'].map(hostIn), [undefined, undefined, undefined, undefined])
})

test('two spellings of one repository are the same, other ports are not', () => {
  const name = (text: string) => parseRepositoryName(text)
  assert.equal(sameRepository(name('nginx'), name('docker.io/library/nginx')), true)
  assert.equal(sameRepository(name('GHCR.io/app'), name('ghcr.io/app')), true)
  assert.equal(sameRepository(name('localhost:5000/app'), name('localhost:5001/app')), false)
  assert.equal(sameRepository(name('ghcr.io/app'), name('ghcr.io/app2')), false)
})

test('what is written out is read as the same reference', (context) => {
  const random = randomFrom(context)
  for (let round = 0; round < 300; round += 1) {
    const text = anyReference(random)
    const reference = parseReference(text)
    const written = formatReference(reference)
    assert.deepEqual(parseReference(written), reference, text)
    assert.equal(formatReference(parseReference(written)), written, text)
    assert.equal(isPinned(reference), text.includes('@'), text)
  }
})

test('every text is either read or refused as a reference', (context) => {
  const random = randomFrom(context)
  for (let round = 0; round < 500; round += 1) {
    const text = random.text(random.below(24), 'aB0.:/@-_[]% \nsha256')
    try {
      const reference = parseReference(text)
      assert.deepEqual(parseReference(formatReference(reference)), reference, JSON.stringify(text))
    } catch (error) {
      assert.equal((error as Error).name, 'PromotionError', JSON.stringify(text))
    }
  }
})

function anyReference(random: Random): string {
  const host = random.pick([
    '',
    'localhost/',
    'LocalHost:80/',
    'docker.io/',
    '[::1]:5000/',
    '10.0.0.1/',
    'A.b-c.example:443/',
  ])
  const components = Array.from({ length: 1 + random.below(4) }, () => anyComponent(random))
  const tag = random.pick([
    '',
    `:${random.pick(['a', 'Z', '_', '0'])}${random.text(random.below(20), 'aZ0._-')}`,
  ])
  const digest = random.pick(['', `@${digestOf(random.text(8))}`])
  return `${host}${components.join('/')}${tag}${digest}`
}

/** With a letter at its end: the first one may be a host, and one that ends in a number would have to be an address. */
function anyComponent(random: Random): string {
  const words = Array.from({ length: 1 + random.below(3) }, () => random.text(1 + random.below(5)))
  return `${words.join(random.pick(['.', '_', '__', '-', '---']))}z`
}
