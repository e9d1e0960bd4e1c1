import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { inLayout } from '../../src/oci/layout-name.ts'
import { buildReferrer, buildSbom } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { LAYOUT_APP, layoutFolder, openLayout, openLayouts, writeInto } from '../builders/open-layout.ts'
import { testTargetRepository } from '../contracts/target-repository.ts'

const OTHER_APP = { registry: 'index.docker.io', path: 'library/other' }
const IMAGE = buildImage({ seed: 'in a layout' })
const OTHER = buildImage({ seed: 'in a layout, other' })
const INDEX = buildIndex([IMAGE, OTHER])
const SCAN = buildReferrer(INDEX.descriptor, 'application/vnd.example.scan', 'scan', { by: 'a scanner' })
const SBOM = buildSbom(INDEX.descriptor, 'in a layout')
const REF_NAME = 'org.opencontainers.image.ref.name'

for (const path of ['release', 'release.tar']) {
  testTargetRepository(`in the layout ${path}`, async (context) => {
    const layouts = openLayouts(context, await layoutFolder(context))
    return {
      repository: layouts.target(inLayout(path, LAYOUT_APP)),
      sibling: layouts.target(inLayout(path, OTHER_APP)),
    }
  })

  test(`what was committed to ${path} is there for the next run, and only that`, async (context) => {
    const folder = await layoutFolder(context)
    const layouts = openLayouts(context, folder)
    const name = inLayout(path, LAYOUT_APP)
    await writeInto(layouts.target(name), INDEX, 'v1')
    assert.equal(await openLayout(context, folder, path).resolve('v1'), undefined)
    for (const artifact of [SCAN, SBOM]) await writeInto(layouts.target(name), artifact)
    await layouts.commit()
    await layouts.commit()
    const next = openLayout(context, folder, path)
    const sbom = attachedTag(INDEX.digest, 'sbom')
    assert.deepEqual([...((await next.listTags(1)) ?? [])].toSorted(), [
      fallbackTag(INDEX.digest),
      sbom,
      'v1',
    ])
    assert.equal((await next.resolve(sbom))?.digest, SBOM.digest)
    assert.deepEqual(
      (await next.listReferrers(INDEX.digest)).map(({ digest }) => digest),
      [SCAN.digest],
    )
    for (const { digest } of [INDEX, IMAGE, OTHER]) assert.equal((await next.resolve(digest))?.digest, digest)
    assert.equal(
      await openLayouts(context, folder).target(inLayout(path, OTHER_APP)).resolve(INDEX.digest),
      undefined,
    )
    assert.deepEqual(await readdir(folder), [path])
  })
}

test('an image that a tag leaves stays by its digest, a list of referrers does not', async (context) => {
  const folder = await layoutFolder(context)
  const [first, second] = [openLayouts(context, folder), openLayouts(context, folder)]
  const name = inLayout('release', LAYOUT_APP)
  await writeInto(first.target(name), IMAGE, 'v1')
  const scans = ['one', 'two'].map((scan) =>
    buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', scan),
  )
  await writeInto(first.target(name), scans[0] ?? IMAGE)
  await first.commit()
  const list = await first.target(name).resolve(fallbackTag(IMAGE.digest))
  await writeInto(second.target(name), OTHER, 'v1')
  await writeInto(second.target(name), scans[1] ?? IMAGE)
  await second.commit()
  const next = openLayout(context, folder)
  assert.equal((await next.resolve('v1'))?.digest, OTHER.digest)
  assert.equal((await next.resolve(IMAGE.digest))?.digest, IMAGE.digest)
  assert.equal((await next.listReferrers(IMAGE.digest)).length, 2)
  assert.equal(
    (await readIndex(folder)).some(({ digest }) => digest === list?.digest),
    false,
  )
})

test('tools find an image by its tag alone where only one has it, and by its whole name otherwise', async (context) => {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  const [app, other] = [LAYOUT_APP, OTHER_APP].map((name) => layouts.target(inLayout('release', name)))
  assert.ok(app && other)
  await writeInto(app, IMAGE, 'v1')
  await writeInto(other, OTHER, 'v1')
  for (const repository of [app, other]) await writeInto(repository, IMAGE, 'same')
  await writeInto(app, IMAGE, 'only')
  await layouts.commit()
  const names = (await readIndex(folder)).map(({ annotations }) => annotations?.[REF_NAME])
  const whole = ['docker.io/library/other:v1', 'registry.example/team/app:v1']
  assert.deepEqual(names.toSorted(), [...whole, 'only', 'same', 'same'].toSorted())
})

test('refuses an index before its children', async (context) => {
  const repository = openLayout(context, await layoutFolder(context))
  const message = new RegExp(`was sent an index before its child ${IMAGE.digest}`)
  await assert.rejects(repository.pushManifest(INDEX.manifest), { kind: 'incomplete', message })
  await assert.rejects(repository.tag('v1', INDEX.manifest), { kind: 'incomplete', message })
})

test('children and repetitions are not listed beside their index, referrers are', async (context) => {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  const repository = layouts.target(inLayout('release', LAYOUT_APP))
  await writeInto(repository, INDEX, 'v1')
  await writeInto(repository, SCAN)
  await layouts.commit()
  const digests = (await readIndex(folder)).map(({ digest }) => digest)
  const list = await openLayout(context, folder).resolve(fallbackTag(INDEX.digest))
  assert.deepEqual(digests.toSorted(), [INDEX.digest, SCAN.digest, list?.digest].toSorted())
})

test('an index under its own fallback tag lists no referrers, and is not written over', async (context) => {
  const folder = await layoutFolder(context)
  const layouts = openLayouts(context, folder)
  const repository = layouts.target(inLayout('release', LAYOUT_APP))
  const tag = fallbackTag(INDEX.digest)
  await writeInto(repository, INDEX, tag)
  await writeInto(repository, SCAN)
  await layouts.commit()
  const next = openLayout(context, folder)
  assert.equal((await next.resolve(tag))?.digest, INDEX.digest)
  assert.deepEqual(
    (await next.listReferrers(INDEX.digest)).map(({ digest }) => digest),
    [SCAN.digest],
  )
})

test('what other tools wrote stays as it stood, and belongs to every repository', async (context) => {
  const folder = await layoutFolder(context)
  const first = openLayouts(context, folder)
  await writeInto(first.target(inLayout('release', LAYOUT_APP)), INDEX)
  await first.commit()
  const foreign = {
    'x-theirs': 1,
    schemaVersion: 2,
    manifests: [{ ...INDEX.descriptor, 'x-theirs': 2, annotations: { [REF_NAME]: 'v1' } }],
  }
  const file = join(folder, 'release/index.json')
  await writeFile(file, JSON.stringify(foreign))
  const layouts = openLayouts(context, folder)
  const repository = layouts.target(inLayout('release', OTHER_APP))
  for (const reference of ['v1', INDEX.digest, IMAGE.digest]) assert.ok(await repository.resolve(reference))
  await writeInto(repository, SBOM)
  await layouts.commit()
  const { manifests, ...rest } = JSON.parse(await readFile(file, 'utf8'))
  assert.deepEqual([rest['x-theirs'], manifests[0]], [1, foreign.manifests[0]])
  assert.equal(manifests.length, 2)
})

test('a name that only a whole reference says is taken as one, and parts and attachments are no images of their own', async (context) => {
  const folder = await layoutFolder(context)
  const first = openLayouts(context, folder)
  for (const artifact of [INDEX, SCAN])
    await writeInto(first.target(inLayout('release', LAYOUT_APP)), artifact)
  await first.commit()
  const manifests = [INDEX, IMAGE, SCAN].map(({ descriptor }) => ({
    ...descriptor,
    annotations: { [REF_NAME]: `registry.example/team/app:${descriptor.digest.slice(-4)}` },
  }))
  await writeFile(join(folder, 'release/index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  const tag = INDEX.digest.slice(-4)
  assert.ok(await openLayout(context, folder).resolve(tag))
  const named = await openLayouts(context, folder).namedImages('release')
  assert.deepEqual(named, [{ reference: { repository: LAYOUT_APP, digest: INDEX.digest }, tags: [tag] }])
})

async function readIndex(folder: string): Promise<readonly Descriptor[]> {
  return JSON.parse(await readFile(join(folder, 'release/index.json'), 'utf8')).manifests
}

test('an image of many names is one image for each of them, and of 5,000 at most', async (context) => {
  const folder = await layoutFolder(context)
  const first = openLayouts(context, folder)
  await writeInto(first.target(inLayout('release', LAYOUT_APP)), INDEX)
  await writeInto(first.target(inLayout('release', OTHER_APP)), OTHER, 'v1')
  await first.commit()
  const named = async (count: number) => {
    const manifests = Array.from({ length: count }, (_, number) => ({
      ...INDEX.descriptor,
      annotations: { [REF_NAME]: `registry.example/app-${number}:v1` },
    }))
    const part = { ...OTHER.descriptor, annotations: { [REF_NAME]: 'registry.example/part:v2' } }
    const json = JSON.stringify({ schemaVersion: 2, manifests: [...manifests, part] })
    await writeFile(join(folder, 'release/index.json'), json)
    return await openLayouts(context, folder).namedImages('release')
  }
  const images = await named(4999)
  assert.equal(images.length, 5000)
  assert.deepEqual(images.at(-1), {
    reference: { repository: { registry: 'registry.example', path: 'part' }, digest: OTHER.digest },
    tags: ['v2'],
  })
  await assert.rejects(named(5000), {
    kind: 'input',
    message: /release has no list, and more than 5000 images/,
  })
})
