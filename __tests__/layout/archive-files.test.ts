import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFile, cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { inLayout } from '../../src/oci/layout-name.ts'
import { buildImage } from '../builders/build-image.ts'
import { LAYOUT_APP, layoutFolder, openLayout, openLayouts, writeInto } from '../builders/open-layout.ts'
import { type Member, packArchive } from '../builders/pack-archive.ts'

const IMAGE = buildImage({
  seed: 'in an archive',
  layers: [Buffer.alloc(700_000, 'x'), Buffer.from('small')],
})
const OTHER = buildImage({ seed: 'in an archive, other' })
const NAME = inLayout('release.tar', LAYOUT_APP)
const MARKER: Member = ['oci-layout', '{"imageLayoutVersion":"1.0.0"}']
const INDEX: Member = ['index.json', '{"schemaVersion":2,"manifests":[]}']
const TYPE_FLAG = 156

/** What goes wrong when an archive of these bytes is looked into. */
async function lookInto(context: TestContext, archive: Uint8Array): Promise<unknown> {
  const folder = await layoutFolder(context)
  await writeFile(join(folder, 'release.tar'), archive)
  return await openLayouts(context, folder).source(NAME).resolve('v1')
}

describe('refuses an archive', () => {
  const refusals: readonly (readonly [string, () => Promise<Uint8Array>, string, RegExp])[] = [
    [
      'that is compressed',
      async () => gzipSync(await packArchive([MARKER, INDEX])),
      'input',
      /is compressed/,
    ],
    ['that is none', async () => Buffer.alloc(2000, 'text '), 'input', /is no tar archive/],
    ['that is empty', async () => Buffer.alloc(0), 'incomplete', /breaks off at byte 0/],
    [
      'that ends within a file',
      async () => (await packArchive([MARKER, ['blobs/x', 'x'.repeat(5000)]])).subarray(0, 3000),
      'incomplete',
      /breaks off at byte 3000/,
    ],
    [
      'that ends behind a file',
      async () => (await packArchive([MARKER, INDEX])).subarray(0, 2048),
      'incomplete',
      /breaks off at byte 2048/,
    ],
    [
      'whose headers are damaged',
      async () => (await packArchive([MARKER, INDEX])).fill(1, 1024, 1030),
      'incomplete',
      /no readable header at byte 1024/,
    ],
    [
      'with an absolute name',
      () => packArchive([['/etc/passwd', 'x']]),
      'input',
      /"\/etc\/passwd", which lies outside/,
    ],
    ['with a name above it', () => packArchive([['blobs/../../x', 'x']]), 'input', /which lies outside/],
    [
      'with one name twice',
      () => packArchive([MARKER, ['./oci-layout', '{}']]),
      'input',
      /holds oci-layout twice/,
    ],
    [
      'with a sparse file',
      async () => {
        const archive = await packArchive([MARKER])
        // 'S' in place of '0'; the checksum is the sum of all bytes of the header.
        archive[TYPE_FLAG] = 'S'.charCodeAt(0)
        const sum =
          Number.parseInt(archive.subarray(148, 154).toString(), 8) + 'S'.charCodeAt(0) - '0'.charCodeAt(0)
        archive.write(sum.toString(8).padStart(6, '0'), 148)
        return archive
      },
      'input',
      /sparse/,
    ],
    [
      'with a sparse file in the way of pax',
      () => packArchive([[{ name: 'oci-layout', pax: { 'GNU.sparse.major': '1' } }, 'x']]),
      'input',
      /sparse/,
    ],
    [
      'that holds no layout',
      () => packArchive([['release/oci-layout', '{}']]),
      'input',
      /has no file oci-layout/,
    ],
    [
      'whose index is a link',
      () => packArchive([MARKER, [{ name: 'index.json', type: 'symlink', linkname: '/etc/passwd' }, '']]),
      'incomplete',
      /has no index\.json/,
    ],
  ]
  for (const [what, make, kind, message] of refusals) {
    test(what, async (context) => {
      await assert.rejects(lookInto(context, await make()), { kind, message })
    })
  }

  test('that is a FIFO, which nobody writes to', { timeout: 20_000 }, async (context) => {
    const folder = await layoutFolder(context)
    execFileSync('mkfifo', [join(folder, 'release.tar')])
    const message = /release\.tar is no regular file/
    await assert.rejects(openLayout(context, folder, 'release.tar').resolve('v1'), { kind: 'input', message })
  })

  test('that is a folder', async (context) => {
    const folder = await layoutFolder(context)
    await mkdir(join(folder, 'release.tar'))
    const message = /release\.tar is no regular file/
    await assert.rejects(openLayout(context, folder, 'release.tar').resolve('v1'), { kind: 'input', message })
  })
})

test('reads what tar packs of a folder, in each of its formats', async (context) => {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  await writeInto(layouts.target(inLayout('release', LAYOUT_APP)), IMAGE, 'v1')
  await layouts.commit()
  for (const format of ['ustar', 'gnu', 'posix']) {
    execFileSync('tar', [`--format=${format}`, '-C', 'release', '-cf', `${format}.tar`, '.'], { cwd: folder })
    const archive = openLayout(context, folder, `${format}.tar`)
    assert.equal((await archive.resolve('v1'))?.digest, IMAGE.digest)
    for (const { descriptor } of IMAGE.blobs) assert.equal(await archive.hasWholeBlob(descriptor), true)
  }
})

test('finds what lies behind a file of 9 GiB', async (context) => {
  const folder = await layoutFolder(context)
  const file = join(folder, 'release.tar')
  const size = 9 * 1024 ** 3
  const large = (await packArchive([MARKER])).subarray(0, 1024)
  const sized = await packArchive([[{ name: 'large', pax: { size: String(size) } }, '']])
  await writeFile(file, Buffer.concat([large, sized.subarray(0, -1024)]))
  const start = large.byteLength + sized.byteLength - 1024
  await truncate(file, start + size)
  await writeFile(file, await packArchive([INDEX]), { flag: 'a' })
  assert.equal(await openLayout(context, folder, 'release.tar').resolve('v1'), undefined)
})

test('what is written to an archive is added to what it holds', async (context) => {
  const folder = await layoutFolder(context)
  for (const [image, tag] of [
    [IMAGE, 'v1'],
    [OTHER, 'v2'],
  ] as const) {
    const layouts = openLayouts(context, folder)
    await writeInto(layouts.target(NAME), image, tag)
    await layouts.commit()
  }
  const both = openLayout(context, folder, 'release.tar')
  for (const image of [IMAGE, OTHER]) {
    assert.ok(await both.resolve(image.digest))
    for (const { descriptor } of image.blobs) assert.equal(await both.hasWholeBlob(descriptor), true)
  }
})

test('what an interrupted run left is taken, and what it left of other images is not packed', async (context) => {
  const folder = await layoutFolder(context)
  await writeInto(openLayouts(context, folder).target(NAME), OTHER)
  const layouts = openLayouts(context, folder)
  const repository = layouts.target(NAME)
  const [, layer] = OTHER.blobs
  assert.ok(layer)
  assert.equal(await repository.beginUpload(layer.descriptor), 'present')
  await writeInto(repository, IMAGE, 'v1')
  await layouts.commit()
  assert.equal(await openLayout(context, folder, 'release.tar').hasBlob(layer.descriptor), false)
})

test('a damaged part is told when it is read', async (context) => {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  await writeInto(layouts.target(NAME), IMAGE, 'v1')
  await layouts.commit()
  const file = join(folder, 'release.tar')
  const bytes = await readFile(file)
  bytes.fill('y', bytes.indexOf('x'.repeat(1000)), bytes.indexOf('x'.repeat(1000)) + 10)
  await writeFile(file, bytes)
  const [, layer] = IMAGE.blobs
  assert.ok(layer)
  const damaged = openLayout(context, folder, 'release.tar')
  await assert.rejects(damaged.hasWholeBlob(layer.descriptor), {
    kind: 'incomplete',
    message: /holds other bytes/,
  })
})

test('an archive that somebody else has changed meanwhile is not replaced', async (context) => {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  await writeInto(layouts.target(NAME), IMAGE, 'v1')
  await writeFile(join(folder, 'release.tar'), await packArchive([MARKER, INDEX]))
  await assert.rejects(layouts.commit(), { kind: 'conflict', message: /changed by another program/ })
})

test('an archive with links is read, and refused as a target before anything is written', async (context) => {
  const folder = await layoutFolder(context)
  const link: Member = [{ name: 'latest', type: 'symlink', linkname: 'blobs' }, '']
  await writeFile(join(folder, 'release.tar'), await packArchive([MARKER, INDEX, link]))
  await copyFile(join(folder, 'release.tar'), join(folder, 'before.tar'))
  const refusal = { kind: 'input', message: /latest in it is a link/ }
  assert.equal(await openLayouts(context, folder).source(NAME).resolve('v1'), undefined)
  await assert.rejects(openLayouts(context, folder).target(NAME).resolve('v1'), refusal)
  await assert.rejects(writeInto(openLayouts(context, folder).target(NAME), IMAGE, 'v1'), refusal)
  assert.deepEqual(await readdir(folder), ['before.tar', 'release.tar'])
  assert.deepEqual(await readFile(join(folder, 'release.tar')), await readFile(join(folder, 'before.tar')))
})

test('a folder beside an archive changes none of its documents, and nothing at all of what is only read', async (context) => {
  const folder = await layoutFolder(context)
  for (const [path, image] of [
    ['release.tar', IMAGE],
    ['other', OTHER],
  ] as const) {
    const layouts = openLayouts(context, folder)
    await writeInto(layouts.target(inLayout(path, LAYOUT_APP)), image, 'v1')
    layouts.setList(path, `the list of ${path}`)
    await layouts.commit()
  }
  await cp(join(folder, 'other'), join(folder, 'release.tar.partial'), { recursive: true })
  for (const side of ['source', 'target'] as const) {
    const layouts = openLayouts(context, folder)
    const repository = layouts[side](NAME)
    assert.equal((await repository.resolve('v1'))?.digest, IMAGE.digest)
    assert.equal(await layouts.readList('release.tar'), 'the list of release.tar')
    const [, layer] = OTHER.blobs
    assert.equal(layer && (await repository.hasBlob(layer.descriptor)), side === 'target')
  }
})
