import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { hexOf } from '../../src/oci/digest.ts'
import { inLayout } from '../../src/oci/layout-name.ts'
import { buildImage } from '../builders/build-image.ts'
import { LAYOUT_APP, layoutFolder, openLayout, openLayouts, writeInto } from '../builders/open-layout.ts'

const IMAGE = buildImage({ seed: 'in a folder' })
const NAME = inLayout('release', LAYOUT_APP)
const MEBIBYTE = 1024 * 1024

/** A folder with the layout `release`, in which the image is v1. */
async function layoutWithImage(context: Parameters<typeof layoutFolder>[0]): Promise<string> {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  await writeInto(layouts.target(NAME), IMAGE, 'v1')
  await layouts.commit()
  return folder
}

describe('refuses a layout', () => {
  const refusals: readonly (readonly [string, (release: string) => Promise<void>, string, RegExp])[] = [
    [
      'of another version',
      (release) => writeFile(join(release, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}'),
      'input',
      /layout version "2\.0\.0", not 1\.0\.0/,
    ],
    [
      'whose version nobody can read',
      (release) => writeFile(join(release, 'oci-layout'), '{'),
      'input',
      /layout version/,
    ],
    ['without an index', (release) => rm(join(release, 'index.json')), 'incomplete', /has no index\.json/],
    [
      'whose index is not JSON',
      (release) => writeFile(join(release, 'index.json'), '{'),
      'incomplete',
      /is not JSON/,
    ],
    [
      'whose index is a list of something else',
      (release) => writeFile(join(release, 'index.json'), '{"schemaVersion":2,"manifests":[{}]}'),
      'incomplete',
      /manifests\[0\] has no mediaType/,
    ],
    [
      'whose index is larger than any',
      (release) => truncate(join(release, 'index.json'), 65 * MEBIBYTE),
      'incomplete',
      /index\.json of 68157440 bytes/,
    ],
    [
      'whose index is a FIFO',
      async (release) => {
        await rm(join(release, 'index.json'))
        execFileSync('mkfifo', [join(release, 'index.json')])
      },
      'incomplete',
      /something at index\.json that is no file/,
    ],
    [
      'whose index is a link out of it',
      async (release) => {
        await rename(join(release, 'index.json'), join(release, '../index.json'))
        await symlink('../index.json', join(release, 'index.json'))
      },
      'incomplete',
      /leads out of itself: index\.json/,
    ],
    [
      'whose blobs are elsewhere',
      async (release) => {
        await rename(join(release, 'blobs'), join(release, '../blobs'))
        await symlink('../blobs', join(release, 'blobs'))
      },
      'incomplete',
      /leads out of itself/,
    ],
    [
      'with another manifest under a digest',
      (release) => writeFile(join(release, 'blobs/sha256', hexOf(IMAGE.digest)), '{}'),
      'incomplete',
      /holds other bytes for sha256:/,
    ],
  ]
  for (const [what, spoil, kind, message] of refusals) {
    test(what, async (context) => {
      const folder = await layoutWithImage(context)
      await spoil(join(folder, 'release'))
      await assert.rejects(openLayout(context, folder).fetchManifest('v1'), { kind, message })
    })
  }
})

test('refuses to begin a layout among other files, or in a file', async (context) => {
  const folder = await layoutFolder(context)
  await mkdir(join(folder, 'release'))
  await writeFile(join(folder, 'release/letters.txt'), 'x')
  await writeFile(join(folder, 'file'), 'x')
  const among = openLayout(context, folder).resolve('v1')
  await assert.rejects(among, { kind: 'input', message: /no file oci-layout, but other files/ })
  await assert.rejects(openLayout(context, folder, 'file').resolve('v1'), {
    kind: 'input',
    message: /is no folder/,
  })
})

test('an empty folder is one without a layout, and not a path that is wrong', async (context) => {
  const folder = await layoutFolder(context)
  await mkdir(join(folder, 'release/blobs'), { recursive: true })
  const layouts = openLayouts(context, folder)
  await assert.rejects(layouts.requireThere('release'), {
    kind: 'input',
    message: /a folder without a layout/,
  })
  await assert.rejects(layouts.requireThere('nothing'), { kind: 'input', message: /nothing does not exist$/ })
})

test('follows a link that stays inside', async (context) => {
  const folder = await layoutWithImage(context)
  const release = join(folder, 'release')
  await rename(join(release, 'blobs'), join(release, 'contents'))
  await symlink('contents', join(release, 'blobs'))
  assert.equal((await openLayout(context, folder).resolve('v1'))?.digest, IMAGE.digest)
})

test('a blob of another size is written again, other bytes of its size are an error', async (context) => {
  const folder = await layoutWithImage(context)
  const [, layer] = IMAGE.blobs
  assert.ok(layer)
  const file = join(folder, 'release/blobs/sha256', hexOf(layer.descriptor.digest))
  await truncate(file, 3)
  const repository = openLayout(context, folder)
  assert.equal(await repository.hasBlob(layer.descriptor), false)
  await repository.pushBlob(layer.descriptor, layer.bytes)
  assert.equal(await repository.hasWholeBlob(layer.descriptor), true)
  await writeFile(file, Buffer.alloc(layer.descriptor.size))
  await assert.rejects(repository.hasWholeBlob(layer.descriptor), {
    kind: 'incomplete',
    message: /other bytes/,
  })
})

test('an index that somebody else has changed meanwhile is not overwritten', async (context) => {
  const folder = await layoutWithImage(context)
  const layouts = openLayouts(context, folder)
  await layouts.target(NAME).tag('v2', IMAGE.manifest)
  await writeFile(join(folder, 'release/index.json'), '{"schemaVersion":2,"manifests":[]}')
  await assert.rejects(layouts.commit(), { kind: 'conflict', message: /changed by another program/ })
})

test('a run that is stopped keeps no half of a blob', async (context) => {
  const folder = await layoutFolder(context)
  const stop = new AbortController()
  const repository = openLayouts(context, folder, stop.signal).target(NAME)
  const [, layer] = IMAGE.blobs
  assert.ok(layer)
  const upload = await repository.beginUpload(layer.descriptor)
  assert.ok(typeof upload !== 'string')
  const reason = new PromotionError('interrupted', 'The run was stopped')
  const sending = upload.send(async function* () {
    yield layer.bytes.subarray(0, 10)
    stop.abort(reason)
    yield layer.bytes.subarray(10)
  })
  await assert.rejects(sending, reason)
  assert.deepEqual(await readdir(join(folder, 'release/blobs/sha256')), [])
})
