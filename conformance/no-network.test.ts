import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { pushBareSample } from './push-sample.ts'
import { runCliWith } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const KEYLESS = [
  '--certificate-identity',
  'https://ci.example/x',
  '--certificate-oidc-issuer',
  'https://ci.example',
]

describe('without the network, and with a proxy that refuses', {
  skip: missingTools('cosign', 'registry'),
}, () => {
  const asked: string[] = []
  const proxy = createServer()
  let bench: Workbench
  let image: string
  let environment: Readonly<Record<string, string>>

  before(async () => {
    proxy.on('connect', ({ url = '' }, socket) => {
      asked.push(url)
      // Whoever asked may hang up before it has read the answer.
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    environment = { HTTP_PROXY: address, HTTPS_PROXY: address }
    bench = await Workbench.open('distribution', 'distribution')
    const { host } = bench.source
    const { index } = await pushBareSample({ host, repository: 'team/app', seed: 'no network' })
    image = `${host}/team/app@${index.digest}`
    await bench.cosign.sign('bundle', bench.keys, image)
  })

  after(async () => {
    proxy.close()
    await bench?.[Symbol.asyncDispose]()
  })

  test('a policy of a certificate asks the public instance through the proxy, and says what to pass instead', async () => {
    const run = await runCliWith(environment, bench.folder, 'verify', '--images', image, ...KEYLESS)
    assert.equal(run.exitCode, 4, run.output)
    assert.match(run.output, /tuf-repo-cdn\.sigstore\.dev/)
    assert.match(run.output, /trusted-root/)
    assert.deepEqual([...new Set(asked)], ['tuf-repo-cdn.sigstore.dev:443'])
  })

  test('a registry elsewhere is asked through the proxy as well', async () => {
    asked.length = 0
    const elsewhere = `registry.invalid/${image.slice(image.indexOf('team/'))}`
    // What a proxy answers may change: it would be asked for longer.
    const args = ['verify', '--images', elsewhere, '--public-key', 'cosign.pub', '--deadline', '1s']
    const run = await runCliWith(environment, bench.folder, ...args)
    assert.equal(run.exitCode, 8, run.output)
    assert.deepEqual([...new Set(asked)], ['registry.invalid:443'])
  })

  test('a policy of a key asks nobody but the registry', async () => {
    asked.length = 0
    const run = await runCliWith(
      environment,
      bench.folder,
      'verify',
      '--images',
      image,
      '--public-key',
      'cosign.pub',
    )
    assert.equal(run.exitCode, 0, run.output)
    assert.deepEqual(asked, [])
  })

  test('signing keyless says what to pass instead, before anything is signed', async () => {
    const token = { ...environment, SIGSTORE_ID_TOKEN: unsigned() }
    const run = await runCliWith(token, bench.folder, 'sign', '--images', image, '--sign', 'keyless')
    assert.notEqual(run.exitCode, 0)
    assert.match(run.output, /tuf-repo-cdn\.sigstore\.dev/)
    assert.match(run.output, /signing-config/)
  })
})

/** A token of the right form that nobody trusts. */
function unsigned(): string {
  const parts = [{ alg: 'none' }, { sub: 'me', exp: Math.floor(Date.now() / 1000) + 600 }]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'eA'].join('.')
}
