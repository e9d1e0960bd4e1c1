import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { buildBundleSignature, buildSignatures } from './build-attached.ts'
import { buildImage } from './build-image.ts'
import { buildKeys } from './build-keys.ts'
import { buildLock } from './build-lock.ts'
import { buildCompleteSample } from './build-sample.ts'

test('the same parts make the same image, another seed another one', () => {
  const parts = { seed: 'one', layers: 3 }
  assert.equal(buildImage(parts).digest, buildImage(parts).digest)
  assert.notEqual(buildImage({ ...parts, seed: 'two' }).digest, buildImage(parts).digest)
  assert.notEqual(
    buildImage({ seed: 'two', layers: 0 }).digest,
    buildImage({ seed: 'one', layers: 0 }).digest,
  )
})

test('the config of an image names the uncompressed layers', () => {
  const [config, ...layers] = buildImage({ seed: 'one', layers: 2 }).blobs
  const { rootfs } = JSON.parse(String(config?.bytes))
  assert.deepEqual(
    rootfs.diff_ids,
    layers.map(({ bytes }) => digestOf(gunzipSync(bytes))),
  )
})

test('the sample has every kind of attachment on the index and on its first child', () => {
  const { image, children, attached } = buildCompleteSample('sample', buildKeys())
  const kindsOn = (digest?: string) =>
    attached.filter(({ subject }) => subject === digest).map(({ kind }) => kind)
  assert.deepEqual(kindsOn(image.digest), ['sig', 'att', 'sbom', 'referrer', 'referrer'])
  assert.deepEqual(kindsOn(children[0]?.digest), ['sig', 'att', 'sbom', 'referrer'])
  const onReferrers = attached.filter(({ subject }) =>
    attached.some(({ artifact }) => artifact.digest === subject),
  )
  assert.equal(onReferrers.length, 1)
})

for (const referrersApi of [true, false]) {
  test(`pushing over HTTP leaves what writing into the store leaves, ${referrersApi ? 'with' : 'without'} the referrers API`, async () => {
    await using pushed = await startRegistry({ referrersApi })
    await using written = await startRegistry({ referrersApi })
    const sample = buildCompleteSample('sample', buildKeys())
    await sample.pushTo(pushed.host, 'team/app', 'v1')
    sample.putInto(written.store, 'team/app', 'v1')
    assert.deepEqual(contentOf(pushed), contentOf(written))
    assert.equal(written.store.repository('team/app').tags.size, referrersApi ? 7 : 10)
  })
}

test('a second delivery changes nothing', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  const sample = buildCompleteSample('sample', buildKeys())
  sample.putInto(registry.store, 'team/app', 'v1')
  const before = contentOf(registry)
  sample.putInto(registry.store, 'team/app', 'v1')
  await sample.pushTo(registry.host, 'team/app', 'v1')
  assert.deepEqual(contentOf(registry), before)
})

test('a referrer that the registry does not list is pushed to the fallback tag', async () => {
  await using registry = await startRegistry({ referrersAnswer: 'empty' })
  const { descriptor, digest } = buildImage({ seed: 'one' })
  await buildBundleSignature(descriptor, { keys: buildKeys() }).pushTo(registry.host, 'team/app')
  assert.deepEqual([...registry.store.repository('team/app').tags.keys()], [fallbackTag(digest)])
})

test('pushing stops at the first refusal, with what the registry said', async () => {
  await using registry = await startRegistry({ immutableTags: true })
  const image = buildImage({ seed: 'one' })
  await image.pushTo(registry.host, 'team/app', 'v1')
  await assert.rejects(image.pushTo(registry.host, 'team/app', 'v1'), /manifests\/v1: 409 .*immutable/)
})

for (const type of ['ec', 'rsa'] as const) {
  test(`signatures of both forms verify with the ${type} key that made them`, () => {
    const keys = buildKeys(type)
    assert.equal(keys.publicKey.asymmetricKeyType, type)
    const { descriptor } = buildImage({ seed: 'one' })
    const { manifest, blobs } = buildSignatures(descriptor, [
      { keys, annotations: { env: 'test' } },
      { keys: buildKeys() },
    ])
    const [layer] = manifest.kind === 'image' ? manifest.layers : []
    const signature = layer?.annotations?.['dev.cosignproject.cosign/signature'] ?? ''
    const payload = blobs.find((blob) => blob.descriptor.digest === layer?.digest)?.bytes ?? Buffer.alloc(0)
    assert.ok(verify('sha256', payload, keys.publicKey, Buffer.from(signature, 'base64')))
    assert.deepEqual(JSON.parse(payload.toString()).optional, { env: 'test' })

    const [, bundle] = buildBundleSignature(descriptor, { keys }).blobs
    const { payload: statement, signatures } = JSON.parse(String(bundle?.bytes)).dsseEnvelope
    const body = Buffer.from(statement, 'base64')
    const encoded = Buffer.concat([
      Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${body.length} `),
      body,
    ])
    assert.ok(verify('sha256', encoded, keys.publicKey, Buffer.from(signatures[0].sig, 'base64')))
  })
}

test('a lock is written as imgpkg writes it: three dashes, keys in order, annotations quoted', () => {
  const entries = [
    { image: 'ghcr.io/a@sha256:1', annotations: { 'kbld.carvel.dev/id': 'a', b: 'x: "y"' } },
    { image: 'ghcr.io/b@sha256:2' },
  ]
  assert.deepEqual(buildLock(entries).split('\n'), [
    '---',
    'apiVersion: imgpkg.carvel.dev/v1alpha1',
    'images:',
    '- annotations:',
    '    kbld.carvel.dev/id: "a"',
    '    b: "x: \\"y\\""',
    '  image: ghcr.io/a@sha256:1',
    '- image: ghcr.io/b@sha256:2',
    'kind: ImagesLock',
    '',
  ])
  assert.match(buildLock([]), /^images: \[\]$/m)
})

function contentOf(registry: RegistryServer): unknown {
  const { manifests, tags, blobs } = registry.store.repository('team/app')
  return [[...manifests.keys()].sort(), [...tags].sort(), [...blobs.keys()].sort()]
}
