import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, PATH } from './connect.ts'

const CHILD = buildImage({ seed: 'a child' })
const SUBJECTS: readonly (readonly [kind: string, subject: BuiltArtifact])[] = [
  ['an image', CHILD],
  ['an index', buildIndex([CHILD])],
]

for (const [kind, subject] of SUBJECTS) {
  test(`takes ${kind} under its own fallback tag for no list of referrers, and does not write over it`, async (context) => {
    await using registry = await startRegistry({ referrersApi: false, tagsAsDigests: true })
    subject.putInto(registry.store, PATH)
    const repository = connect(context, registry)
    assert.deepEqual(await repository.listReferrers(subject.digest), [])

    const { manifest } = buildReferrer(subject.descriptor, 'application/vnd.example.scan', 'a scan')
    await assert.rejects(repository.listAsReferrer(manifest), {
      message: `GET http://${registry.host}/v2/${PATH}/manifests/${fallbackTag(subject.digest)} answered 200 with ${subject.digest} itself where the list of its referrers belongs`,
      hint: /`signature-format: tag`/,
    })
    assert.deepEqual(registry.requestsBy('PUT'), [])
  })
}
