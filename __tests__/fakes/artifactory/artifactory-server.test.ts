import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { attachedTag } from '../../../src/oci/attached-tag.ts'
import { hexOf } from '../../../src/oci/digest.ts'
import { blobsOf } from '../../../src/oci/manifest.ts'
import { buildKeys } from '../../builders/build-keys.ts'
import { buildCompleteSample } from '../../builders/build-sample.ts'
import { type ArtifactoryServer, startArtifactory } from './artifactory-server.ts'

const SOURCE = 'docker-dev/app'
const sample = buildCompleteSample('emulated', buildKeys())
const { image, children } = sample
const sig = attachedTag(image.digest, 'sig')

describe('the emulated Artifactory', () => {
  let artifactory: ArtifactoryServer

  beforeEach(async () => {
    artifactory = await startArtifactory()
    sample.putInto(artifactory.registry.store, SOURCE, 'v1')
  })

  afterEach(() => artifactory[Symbol.asyncDispose]())

  const post = async (path: string, body?: unknown) => {
    const response = await fetch(`${artifactory.url}${path}`, {
      method: 'POST',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }

  const promote = (body: unknown) => post('/api/docker/docker-dev/v2/promote', body)
  const pathsOf = (key: string) => [...artifactory.tree.files(key).keys()]

  test('stores an index and its parts as Artifactory does', () => {
    const [first] = children
    assert.ok(first)
    const paths = pathsOf('docker-dev')
    assert.ok(paths.includes('app/v1/list.manifest.json'))
    assert.ok(paths.includes(`app/${first.digest}/manifest.json`))
    for (const { digest } of blobsOf(first.manifest)) {
      assert.ok(paths.includes(`app/${first.digest}/sha256__${hexOf(digest)}`))
    }
  })

  test('promotes the tag and leaves its signatures and parts behind', async () => {
    const body = {
      targetRepo: 'docker-prod',
      dockerRepository: 'app',
      tag: 'v1',
      targetTag: 'v2',
      copy: true,
    }
    assert.equal((await promote(body)).status, 200)
    assert.deepEqual(pathsOf('docker-prod'), ['app/v2/list.manifest.json'])
    assert.ok(pathsOf('docker-dev').includes('app/v1/list.manifest.json'))
  })

  test('moves what is promoted unless it is told to copy', async () => {
    await promote({ targetRepo: 'docker-prod', dockerRepository: 'app', tag: 'v1' })
    assert.ok(!pathsOf('docker-dev').includes('app/v1/list.manifest.json'))
    assert.ok(pathsOf('docker-dev').some((path) => path.startsWith(`app/${sig}/`)))
  })

  test('refuses to promote a tag that is not there, and to one that is none', async () => {
    const body = { targetRepo: 'docker-prod', dockerRepository: 'app', copy: true }
    const unknown = await promote({ ...body, tag: 'v9' })
    assert.deepEqual([unknown.status, /Unable to find tag/.test(unknown.text)], [400, true])
    assert.equal((await promote({ ...body, tag: 'v1', targetTag: image.digest })).status, 400)
  })

  test('copies a folder to a new place, and into one that is there', async () => {
    const copy = () => post(`/api/copy/docker-dev/app/${sig}?to=/docker-prod/app/${sig}`)
    assert.match((await copy()).text, /"level":"INFO"/)
    const once = pathsOf('docker-prod')
    assert.ok(once.length > 1 && once.every((path) => path.split('/').length === 3))
    await copy()
    assert.ok(pathsOf('docker-prod').includes(`app/${sig}/${sig}/manifest.json`))
  })

  test('answers with an empty 404 where there is nothing', async () => {
    assert.deepEqual(await post('/api/unknown'), { status: 404, text: '' })
    const search = await fetch(`${artifactory.url}/api/search/checksum?sha256=00&repos=unknown`)
    assert.deepEqual([search.status, await search.text()], [404, ''])
  })

  test('gives what was copied over the API of registries', async () => {
    const [first] = children
    const layer = first && blobsOf(first.manifest).at(-1)
    assert.ok(first && layer)
    const file = `sha256__${hexOf(layer.digest)}`
    await post(`/api/copy/docker-dev/app/${first.digest}/${file}?to=/docker-prod/app/any/${file}`)
    const response = await fetch(`http://${artifactory.host}/v2/docker-prod/app/blobs/${layer.digest}`)
    assert.equal(response.status, 200)
    await response.arrayBuffer()
  })
})
