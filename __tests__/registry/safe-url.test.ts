import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopbackHost } from '../../src/registry/loopback.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { mayFollow } from '../../src/registry/safe-url.ts'

const PUBLIC = 'https://registry.example/v2/'
const LOOPBACK = 'http://127.0.0.1:5000/v2/'

const FOLLOWED: readonly (readonly [from: string, to: string])[] = [
  [PUBLIC, 'https://registry.example/other'],
  [PUBLIC, 'https://registry.example:8443/other'],
  [PUBLIC, 'https://storage.example/blob?signature=x'],
  [PUBLIC, 'https://203.0.113.7/blob'],
  [PUBLIC, 'https://[2001:db8::1]/blob'],
  [PUBLIC, 'https://[64:ff9b::cb00:7107]/blob'],
  [PUBLIC, 'https://localhost.example/blob'],
  [LOOPBACK, 'http://127.0.0.1:5001/blob'],
  [LOOPBACK, 'http://localhost:5001/blob'],
  [LOOPBACK, 'https://storage.example/blob'],
  [LOOPBACK, 'https://10.1.2.3/blob'],
  ['https://10.0.0.1/v2/', 'https://192.168.0.1/blob'],
  ['http://mirror.example:5000/v2/', 'http://mirror.example:9000/blob'],
  ['http://mirror.example:5000/v2/', 'http://named.example:9000/blob'],
]

const REFUSED: readonly (readonly [from: string, to: string, why: RegExp])[] = [
  [PUBLIC, 'http://registry.example/other', /give up encryption/],
  [PUBLIC, 'http://named.example:9000/other', /give up encryption/],
  [PUBLIC, 'http://127.0.0.1/other', /give up encryption/],
  [PUBLIC, 'file:///etc/passwd', /neither http nor https/],
  [PUBLIC, 'ftp://registry.example/x', /neither http nor https/],
  [PUBLIC, 'data:application/json,{}', /neither http nor https/],
  [PUBLIC, 'https://user:hunter2@registry.example/', /credentials in the URL/],
  [PUBLIC, 'https://user@storage.example/', /credentials in the URL/],
  [PUBLIC, 'https://169.254.169.254/token', /link-local/],
  [PUBLIC, 'https://[fe80::1]/token', /link-local/],
  [PUBLIC, 'https://[::ffff:169.254.169.254]/token', /link-local/],
  [PUBLIC, 'https://[64:ff9b::a9fe:a9fe]/token', /link-local/],
  [PUBLIC, 'https://2852039166/token', /link-local/],
  [PUBLIC, 'https://0xa9fea9fe/token', /link-local/],
  [LOOPBACK, 'http://169.254.169.254/token', /link-local/],
  [LOOPBACK, 'http://[fe80::1]/token', /link-local/],
  [PUBLIC, 'https://127.0.0.1/', /private address/],
  [PUBLIC, 'https://localhost/', /private address/],
  [PUBLIC, 'https://0.0.0.0/', /private address/],
  [PUBLIC, 'https://10.1.2.3/', /private address/],
  [PUBLIC, 'https://172.16.0.1/', /private address/],
  [PUBLIC, 'https://172.31.255.255/', /private address/],
  [PUBLIC, 'https://192.168.1.1/', /private address/],
  [PUBLIC, 'https://100.100.100.200/', /private address/],
  [PUBLIC, 'https://[::1]/', /private address/],
  [PUBLIC, 'https://[::]/', /private address/],
  [PUBLIC, 'https://[fd00:ec2::254]/', /private address/],
  [PUBLIC, 'https://[::ffff:10.0.0.1]/', /private address/],
  [PUBLIC, 'https://[64:ff9b::10.0.0.1]/', /private address/],
  [PUBLIC, 'https://[64:ff9b::7f00:1]/', /private address/],
  [PUBLIC, 'https://[2002:a9fe:a9fe::]/', /private address/],
  [PUBLIC, 'https://198.18.0.1/', /private address/],
  [PUBLIC, 'https://198.19.255.255/', /private address/],
  [PUBLIC, 'https://localhost./', /private address/],
  [PUBLIC, 'https://a.localhost/', /private address/],
  [PUBLIC, 'https://a.b.localhost./', /private address/],
  [LOOPBACK, 'http://storage.example/blob', /plain http to a host/],
  ['http://mirror.example:5000/v2/', 'http://named.example/blob', /plain http to a host/],
]

function step(from: string, to: string): void {
  mayFollow({ method: 'GET', from: new URL(from), to: new URL(to), insecure: ['named.example:9000'] })
}

for (const [from, to] of FOLLOWED) {
  test(`goes from ${from} to ${to}`, () => {
    step(from, to)
  })
}

for (const [from, to, why] of REFUSED) {
  test(`does not go from ${from} to ${to}`, () => {
    assert.throws(
      () => step(from, to),
      (error) => {
        assert.ok(error instanceof RegistryError)
        assert.match(error.message, why)
        assert.doesNotMatch(error.message, /hunter2/)
        return error.message.startsWith(`GET ${from} failed: it points to `) && !error.transient
      },
    )
  })
}

test('knows loopback by its literal names only', () => {
  const hosts = ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']
  assert.deepEqual(hosts.map(isLoopbackHost), [true, true, true, true])
  const others = ['localhost.example', '127.0.0.1.example', '128.0.0.1', '127.1.1', 'x.localhost', '[::2]']
  assert.deepEqual(
    others.map(isLoopbackHost),
    others.map(() => false),
  )
})
