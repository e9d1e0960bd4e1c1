import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEntryName, writeEntryName } from '../../src/layout/entry-name.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'

const APP = 'ghcr.io/acme/app'
const HUB = 'index.docker.io/library/nginx'
const SIG = attachedTag(digestOf('x'), 'sig')
const REF_NAME = 'org.opencontainers.image.ref.name'
const IMAGE_NAME = 'io.containerd.image.name'
const OWN_NAME = 'dev.signed-promote.name'

test('what was written is read again', () => {
  for (const repository of [APP, HUB, 'localhost:5000/app']) {
    for (const tag of ['v1', SIG, undefined]) {
      for (const isOnly of [true, false]) {
        assert.deepEqual(readEntryName(writeEntryName(repository, tag, isOnly)), { repository, tag })
      }
    }
  }
})

test('only images with a tag have the name of which docker and containerd make an image', () => {
  assert.deepEqual(writeEntryName(APP, 'v1', true), { [IMAGE_NAME]: `${APP}:v1`, [REF_NAME]: 'v1' })
  assert.deepEqual(writeEntryName(HUB, 'v1', false), {
    [IMAGE_NAME]: 'docker.io/library/nginx:v1',
    [REF_NAME]: 'docker.io/library/nginx:v1',
  })
  assert.deepEqual(writeEntryName(APP, SIG, true), { [OWN_NAME]: `${APP}:${SIG}`, [REF_NAME]: SIG })
  assert.deepEqual(writeEntryName(APP, undefined, true), { [OWN_NAME]: APP })
})

test('takes a tag, a whole reference or nothing from what others write', () => {
  const nowhere = { repository: undefined, tag: undefined }
  assert.deepEqual(readEntryName(undefined), nowhere)
  assert.deepEqual(readEntryName({ [REF_NAME]: 'v1' }), { repository: undefined, tag: 'v1' })
  assert.deepEqual(readEntryName({ [REF_NAME]: `${APP}:v1` }), { repository: APP, tag: 'v1' })
  assert.deepEqual(readEntryName({ [REF_NAME]: `${APP}@${digestOf('x')}` }), {
    repository: APP,
    tag: undefined,
  })
  for (const name of [
    'release of June',
    'acme/app:v1',
    'ghcr.io/Acme:v1',
    `${APP}:-`,
    '../../etc/passwd',
    'a..b/c',
  ])
    assert.deepEqual(readEntryName({ [REF_NAME]: name }), nowhere, name)
})
