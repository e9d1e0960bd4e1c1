import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRoots } from '../../src/layout/find-roots.ts'
import type { ReadManifest } from '../../src/layout/read-all.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'

const IMAGE = buildImage({ seed: 'a part' })
const INNER = buildIndex([IMAGE])
const OUTER = buildIndex([INNER])
const SCAN = buildReferrer(OUTER.descriptor, 'application/vnd.example.scan', 'scan')
const MANIFESTS = [OUTER, INNER, IMAGE, SCAN]

test('reads each manifest once, and tells for each list what of it stands for itself', async () => {
  const asked: string[] = []
  const read: ReadManifest = async ({ digest }) => {
    asked.push(digest)
    return MANIFESTS.find((one) => one.digest === digest)?.manifest
  }
  const gone = buildImage({ seed: 'gone' })
  const listed = [OUTER, IMAGE, SCAN, OUTER, gone, IMAGE].map(({ descriptor }) => descriptor)
  const rootsAmong = await findRoots(listed, read)
  assert.deepEqual(asked.toSorted(), [...MANIFESTS, gone].map(({ digest }) => digest).toSorted())
  for (const [list, roots] of [
    [[OUTER, IMAGE, SCAN], [OUTER]],
    [[IMAGE, gone], [IMAGE]],
    [[SCAN], []],
  ] as const) {
    assert.deepEqual(
      rootsAmong(new Set(list.map(({ digest }) => digest))),
      roots.map(({ digest }) => digest),
    )
  }
})
