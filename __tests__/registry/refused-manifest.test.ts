import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { explainRefusal } from '../../src/registry/refused-manifest.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'

const URL_OF_TAG = new URL('https://r.example/v2/immutable/app/manifests/v1')
const IMAGE = buildImage({ seed: 'refused' })
const SIG = attachedTag(IMAGE.digest, 'sig')

function refused(status: number, problem: string, codes: readonly string[] = []): RegistryError {
  return new RegistryError({
    method: 'PUT',
    url: URL_OF_TAG,
    status,
    problem: `${status}: ${problem}`,
    codes,
  })
}

/** As registries have been seen to say it (docs/registries). */
const WORDS_FOR_IMMUTABLE: readonly (readonly [status: number, words: string])[] = [
  [400, "TAG_INVALID: The image tag 'v1' already exists in the 'app' repository and cannot be overwritten"],
  [412, "PRECONDITION: Failed to process request due to 'app:v1' configured as immutable."],
  [409, 'TAG_ALREADY_EXISTS: tag was already pushed'],
  [403, 'DENIED: cannot be updated: the repository has enabled tag immutability'],
  [401, 'DENIED: the tag is immutable'],
]

for (const [status, words] of WORDS_FOR_IMMUTABLE) {
  test(`says how to go on when ${status} means that a tag cannot be changed`, () => {
    const error = refused(status, words)
    const ofImage = explainRefusal(error, 'v1', IMAGE.manifest)
    assert.match(ofImage.hint ?? '', /choose another one, or exclude it/)
    assert.equal(ofImage.message, error.message)
    assert.equal(ofImage.status, status)
    assert.match(explainRefusal(error, SIG, IMAGE.manifest).hint ?? '', /`signature-format: bundle`/)
    const ofList = explainRefusal(error, fallbackTag(IMAGE.digest), IMAGE.manifest)
    assert.match(ofList.hint ?? '', /^Referrers are listed under this tag.*exclude `sha256-\*`/)
  })
}

test('says what a manifest holds when its types may be what is refused', () => {
  const referrer = buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', 'scan').manifest
  for (const error of [
    refused(405, 'x', ['UNSUPPORTED']),
    refused(400, 'x', ['MANIFEST_INVALID']),
    refused(415, 'x'),
  ]) {
    assert.equal(
      explainRefusal(error, IMAGE.digest, referrer).hint,
      'The registry may not take what the manifest holds: application/vnd.oci.image.manifest.v1+json, ' +
        'artifactType application/vnd.example.scan, application/vnd.oci.empty.v1+json, application/vnd.example.scan.',
    )
  }
  const index = buildIndex([IMAGE])
  const { hint } = explainRefusal(refused(415, 'x'), index.digest, index.manifest)
  assert.match(hint ?? '', /image\.index\.v1\+json, application\/vnd\.oci\.image\.manifest\.v1\+json\.$/)
})

test('leaves alone what says nothing of tags and types, the name of the repository included', () => {
  for (const error of [
    refused(403, 'DENIED: requested access is denied', ['DENIED']),
    refused(500, 'the tag is immutable'),
    new RegistryError({ method: 'PUT', url: URL_OF_TAG, problem: 'the connection was reset' }),
  ]) {
    assert.equal(explainRefusal(error, 'v1', IMAGE.manifest), error)
  }
})
