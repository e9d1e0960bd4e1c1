import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inLayout } from '../../src/oci/layout-name.ts'
import { formatReference, parseRepositoryName } from '../../src/oci/reference.ts'
import type { Registries } from '../../src/registry/repository.ts'
import { followBundle } from '../../src/sources/follow-bundle.ts'
import { followBundles } from '../../src/sources/follow-bundles.ts'
import type { ImageTerms, ListedImage } from '../../src/sources/source.ts'
import { buildBundle } from '../builders/build-bundle.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const WEB = buildImage({ seed: 'web' })
const DB = buildImage({ seed: 'db' })
const INDEX = buildIndex([WEB, DB])
const INNER = buildBundle([{ image: `r.example/db@${DB.digest}` }])
const OUTER = buildBundle([
  {
    image: `r.example/web@${WEB.digest}`,
    annotations: { 'kbld.carvel.dev/origins': '- tagged: {tags: [v7]}\n' },
  },
  { image: `r.example/index@${INDEX.digest}` },
  { image: `r.example/inner@${INNER.digest}` },
])

type Place = readonly [place: string, artifact: BuiltArtifact]

function placed(...places: readonly Place[]): MemoryRegistries {
  const registries = new MemoryRegistries()
  for (const [place, artifact] of places) putArtifact(artifact, registries.at(place))
  return registries
}

const EVERYWHERE: readonly Place[] = [
  ['r.example/outer', OUTER],
  ['r.example/inner', INNER],
  ['r.example/web', WEB],
  ['r.example/db', DB],
  ['r.example/index', INDEX],
]

function listedBundle(place: string, { digest }: BuiltArtifact): ListedImage {
  return { ...listedImage(place, digest, 7), isBundle: true }
}

function namesOf(images: readonly ListedImage[]): readonly string[] {
  return images.map(({ reference }) => formatReference(reference))
}

async function refusal(root: ListedImage, registries: Registries): Promise<string | undefined> {
  const [problem, ...others] = await problemsOf(() => followBundle(root, registries))
  assert.deepEqual(others, [])
  assert.equal(problem?.kind, 'input')
  return problem?.message
}

test('lists all that is in a bundle behind it, nested bundles too, as images of the same place in the list', async () => {
  const root = listedBundle('r.example/outer', OUTER)
  const { images } = await followBundle(root, placed(...EVERYWHERE))
  assert.deepEqual(namesOf(images), [
    `r.example/outer@${OUTER.digest}`,
    `r.example/web@${WEB.digest}`,
    `r.example/index@${INDEX.digest}`,
    `r.example/inner@${INNER.digest}`,
    `r.example/db@${DB.digest}`,
  ])
  assert.deepEqual(
    images.map(({ bundle }) => [bundle?.root, bundle?.isRoot]),
    [true, false, false, false, false].map((isRoot) => [root.reference, isRoot]),
  )
  for (const { location } of images) assert.deepEqual(location, root.location)
  assert.deepEqual(images[1]?.originTags, ['v7'])
})

test('says of each bundle what its own lock names, by the names in it', async () => {
  const { bundles } = await followBundle(listedBundle('r.example/outer', OUTER), placed(...EVERYWHERE))
  assert.deepEqual(
    bundles.map(({ image, locations }) => [
      image.reference.digest,
      locations.map((one) => [formatReference(one.image), one.isBundle]),
    ]),
    [
      [
        OUTER.digest,
        [
          [`r.example/web@${WEB.digest}`, false],
          [`r.example/index@${INDEX.digest}`, false],
          [`r.example/inner@${INNER.digest}`, true],
        ],
      ],
      [INNER.digest, [[`r.example/db@${DB.digest}`, false]]],
    ],
  )
})

test('takes an image from the repository of the bundle that names it before the place that the bundle tells', async () => {
  const both = placed(
    ...EVERYWHERE,
    ['r.example/outer', INNER],
    ['r.example/outer', DB],
    ['r.example/outer', WEB],
  )
  const { images } = await followBundle(listedBundle('r.example/outer', OUTER), both)
  assert.deepEqual(namesOf(images.slice(1)), [
    `r.example/outer@${WEB.digest}`,
    `r.example/index@${INDEX.digest}`,
    `r.example/outer@${INNER.digest}`,
    `r.example/outer@${DB.digest}`,
  ])
})

test('looks for the images of a nested bundle where that one was found', async () => {
  const registries = placed(
    ['r.example/outer', OUTER],
    ['r.example/outer', WEB],
    ['r.example/outer', INDEX],
    ['r.example/inner', INNER],
    ['r.example/inner', DB],
  )
  const { images } = await followBundle(listedBundle('r.example/outer', OUTER), registries)
  assert.equal(formatReference(images.at(-1)?.reference ?? assert.fail()), `r.example/inner@${DB.digest}`)
})

test('reads the images of a layout from it and from nowhere else', async () => {
  const repository = inLayout('a.tar', parseRepositoryName('r.example/outer'))
  const registries = placed(['r.example/outer', OUTER])
  const asked: string[] = []
  const layout: Registries = {
    source: (name) => {
      asked.push(name.registry)
      return registries.at(name.path)
    },
    target: () => assert.fail(),
  }
  const root = { ...listedBundle('r.example/outer', OUTER), reference: { repository, digest: OUTER.digest } }
  const problems = await problemsOf(() => followBundle(root, layout))
  assert.match(
    problems[0]?.message ?? '',
    /does not exist \(404\) in oci-layout:a\.tar\/r\.example\/outer and oci-layout:a\.tar\/r\.example\/web$/,
  )
  assert.deepEqual(new Set(asked), new Set(['oci-layout:a.tar']))
})

test('refuses a bundle with an image that is nowhere, and names each of them', async () => {
  const registries = placed(['r.example/outer', OUTER], ['r.example/inner', INNER])
  const problems = await problemsOf(() => followBundle(listedBundle('r.example/outer', OUTER), registries))
  assert.deepEqual(
    problems.map(({ kind, message, location }) => [kind, message, location?.line]),
    [WEB, INDEX].map(({ digest }, index) => {
      const name = `r.example/${['web', 'index'][index]}`
      return [
        'input',
        `r.example/outer@${OUTER.digest} holds "${name}@${digest}", which does not exist (404) in r.example/outer and ${name}`,
        7,
      ]
    }),
  )
})

test('refuses what is no bundle, and what is not there', async () => {
  assert.equal(
    await refusal(listedBundle('r.example/web', WEB), placed(['r.example/web', WEB])),
    `"r.example/web@${WEB.digest}" is no imgpkg bundle`,
  )
  assert.equal(
    await refusal(listedBundle('r.example/web', WEB), placed()),
    `r.example/web@${WEB.digest} does not exist (404)`,
  )
})

test('names the bundle and the line in it where its lock is wrong', async () => {
  const bundle = buildBundle(
    'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n- image: r.example/a:v1\n',
  )
  const [problem] = await problemsOf(() =>
    followBundle(listedBundle('r.example/b', bundle), placed(['r.example/b', bundle])),
  )
  assert.match(problem?.message ?? '', /has a tag where a digest must be/)
  assert.deepEqual(problem?.location, {
    file: `r.example/b@${bundle.digest}/.imgpkg/images.yml`,
    line: 4,
    column: 10,
  })
  const other = buildBundle('apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\n')
  assert.match(
    (await refusal(listedBundle('r.example/b', other), placed(['r.example/b', other]))) ?? '',
    /^The file is a "BundleLock" of .*, which cannot be read here$/,
  )
})

test('takes a lock that names an image twice, as imgpkg does', async () => {
  const bundle = buildBundle([
    { image: `r.example/web@${WEB.digest}` },
    { image: `r.example/web@${WEB.digest}` },
    { image: `r.example/other@${WEB.digest}` },
  ])
  const { images, bundles } = await followBundle(
    listedBundle('r.example/b', bundle),
    placed(['r.example/b', bundle], ['r.example/web', WEB]),
  )
  assert.equal(images.length, 2)
  assert.equal(bundles[0]?.locations.length, 1)
})

test('goes at most 16 bundles deep', async () => {
  const nested: BuiltArtifact[] = []
  for (let depth = 0; depth < 17; depth++) {
    const inside = nested.at(-1)
    nested.push(buildBundle(inside === undefined ? [] : [{ image: `r.example/b@${inside.digest}` }]))
  }
  const registries = placed(...nested.map((bundle) => ['r.example/b', bundle] as const))
  const [deep, tooDeep] = nested.slice(-2)
  assert.ok(deep && tooDeep)
  assert.equal((await followBundle(listedBundle('r.example/b', deep), registries)).images.length, 16)
  assert.match(
    (await refusal(listedBundle('r.example/b', tooDeep), registries)) ?? '',
    /is nested more than 16 bundles deep$/,
  )
})

test('takes at most 5,000 images, and asks for none of too many', async () => {
  const entries = Array.from({ length: 5_000 }, (_, index) => ({
    image: `r.example/a@sha256:${String(index).padStart(64, '0')}`,
  }))
  const outer = buildBundle(entries)
  const registries = new WatchedRegistries()
  putArtifact(outer, registries.at('r.example/b'))
  assert.match(
    (await refusal(listedBundle('r.example/b', outer), registries)) ?? '',
    /holds more than 5000 images$/,
  )
  assert.deepEqual(registries.at('r.example/a').asked, [])
})

test('follows each listed bundle, and gives an image once in each place that bundles go to', async () => {
  const registries = placed(...EVERYWHERE, ['q.example/outer', OUTER])
  const listed = [
    listedBundle('r.example/outer', OUTER),
    listedImage('r.example/db', DB.digest),
    listedBundle('q.example/outer', OUTER),
  ]
  const { images, bundles } = await followBundles(listed, registries)
  assert.deepEqual(
    images.map(({ reference, bundle }) => [reference.digest, bundle?.root.repository.registry]),
    [
      ...[OUTER, WEB, INDEX, INNER, DB].map(({ digest }) => [digest, 'r.example']),
      [DB.digest, undefined],
      ...[OUTER, WEB, INDEX, INNER, DB].map(({ digest }) => [digest, 'q.example']),
    ],
  )
  assert.equal(bundles.length, 4)
  // Nothing is followed twice.
  const again = await followBundles(images, placed())
  assert.deepEqual([again.images, again.bundles], [images, []])
})

test('refuses an image of a bundle that is listed on other terms than the bundle, whose terms hold for what has none', async () => {
  const terms: ImageTerms = { verify: { by: 'key', publicKey: 'cosign.pub' } }
  const place = 'r.example/outer'
  const registries = placed([place, WEB], ...EVERYWHERE)
  const bundle = { ...listedBundle(place, OUTER), terms }
  const web = listedImage(place, WEB.digest, 3)
  const other = { ...web, terms: { verify: { by: 'key', publicKey: 'other.pub' } } } as const
  const problems = await problemsOf(() => followBundles([bundle, other], registries))
  assert.deepEqual(
    problems.map(({ location, message }) => [location?.line, /otherwise than ".+"/.test(message)]),
    [[3, true]],
  )
  const { images } = await followBundles([web, bundle], registries)
  assert.deepEqual(
    images.map((image) => image.terms),
    images.map(() => terms),
  )
})
