import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { formatReference } from '../../src/oci/reference.ts'
import { readLock } from '../../src/sources/read-lock.ts'
import type { ImageDocument } from '../../src/sources/source.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const HEADER = 'apiVersion: v0\nkind: ImagesLock\n'
const APP = 'ghcr.io/acme/app'
const IMAGES = ['amd64', 'arm64'].map((architecture) =>
  buildImage({ seed: 'helm', platform: { os: 'linux', architecture } }),
)
const [AMD64 = '', ARM64 = ''] = IMAGES.map(({ digest }) => digest)
const INDEX = buildIndex(IMAGES)

/** A lock as the chart tools write it, with an image of one platform or more. */
function lockOf(image: string, ...digests: readonly string[]): string {
  const platforms = digests.map(
    (digest, index) => `      - digest: ${digest}\n        arch: linux/${index}\n`,
  )
  return `${HEADER}metadata:
  generatedAt: "2023-07-13T16:30:33.284125307Z" # when
  generatedBy: Distribution Tooling for Helm
chart: {name: shop, version: 1.0.0, appVersion: "6.2.2"}
images:
  - name: app
    image: ${image} # the app
    chart: shop
    digests:
${platforms.join('')}`
}

class Chart {
  readonly asked: string[] = []
  readonly warnings: string[] = []
  readonly #text: string
  readonly #held: Readonly<Record<string, Manifest>>

  constructor(text: string, held: Readonly<Record<string, Manifest>>) {
    this.#text = text
    this.#held = held
  }

  resolve(): Promise<ImageDocument> {
    return readLock(this.#text, 'Images.lock')(
      async (reference) => {
        const name = formatReference(reference)
        this.asked.push(name)
        return this.#held[name]
      },
      (message, location) => void this.warnings.push(`${location?.line} ${message}`),
    )
  }

  async listed(): Promise<readonly (readonly [string, readonly string[]])[]> {
    const { listed } = await this.resolve()
    return listed.map(({ reference, originTags }) => [formatReference(reference), originTags] as const)
  }
}

test('takes the index of a tag that holds what the lock lists, and says what it holds besides', async () => {
  const whole = new Chart(lockOf(`${APP}:v1`, ARM64, AMD64), { [`${APP}:v1`]: INDEX.manifest })
  assert.deepEqual(await whole.listed(), [[`${APP}@${INDEX.digest}`, ['v1']]])
  assert.deepEqual(whole.warnings, [])
  const filtered = new Chart(lockOf(`${APP}:v1`, AMD64), { [`${APP}:v1`]: INDEX.manifest })
  assert.deepEqual(await filtered.listed(), [[`${APP}@${INDEX.digest}`, ['v1']]])
  assert.deepEqual(filtered.warnings, [
    `9 "${APP}:v1" is promoted as ${INDEX.digest}, which holds 1 more than the lock lists`,
  ])
})

test('does not count what a builder keeps beside the images', async () => {
  const beside = buildImage({ seed: 'provenance' }).descriptor
  const { manifest } = INDEX
  assert.ok(manifest.kind === 'index')
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' }
  const attested = { ...manifest, children: [...manifest.children, { ...beside, annotations }] }
  const chart = new Chart(lockOf(`${APP}:v1`, AMD64, ARM64), { [`${APP}:v1`]: attested })
  assert.equal((await chart.listed()).length, 1)
  assert.deepEqual(chart.warnings, [])
})

test('takes the image of a tag that is the only digest', async () => {
  const [image] = IMAGES
  assert.ok(image)
  const chart = new Chart(lockOf(APP, AMD64), { [`${APP}:latest`]: image.manifest })
  assert.deepEqual(await chart.listed(), [[`${APP}@${AMD64}`, ['latest']]])
  assert.deepEqual(chart.warnings, [])
})

test('takes each digest by itself, without a tag, where the tag moved or is gone', async () => {
  const other = buildIndex([...IMAGES.slice(0, 1), buildImage({ seed: 'other' })]).manifest
  const each = [
    [`${APP}@${AMD64}`, []],
    [`${APP}@${ARM64}`, []],
  ]
  const moved = new Chart(lockOf(`${APP}:v1`, AMD64, ARM64), { [`${APP}:v1`]: other })
  assert.deepEqual(await moved.listed(), each)
  assert.match(moved.warnings[0] ?? '', /^9 ".*:v1" does not hold what the lock lists any more: each digest/)
  const gone = new Chart(lockOf(`${APP}:v1`, AMD64, ARM64), {})
  assert.deepEqual(await gone.listed(), each)
  assert.match(gone.warnings[0] ?? '', /^9 ".*:v1" does not exist any more: each digest/)
})

test('asks for an image once, however many charts use it, and goes by a digest that is written', async () => {
  const pinned = `${APP}:v1@${INDEX.digest}`
  const entry = lockOf(pinned, AMD64, ARM64)
  const again = entry.slice(entry.indexOf('  - name'))
  const chart = new Chart(entry + again, { [`${APP}@${INDEX.digest}`]: INDEX.manifest })
  assert.equal((await chart.listed()).length, 2)
  assert.deepEqual((await chart.listed())[0], [`${APP}@${INDEX.digest}`, ['v1']])
  assert.equal(chart.asked.length, 2)
})

test('is written back with the names of the target, and not another byte changed', async () => {
  const text = lockOf(`"${APP}:v1"`, AMD64, ARM64)
  const repository = { registry: 'prod.example', path: 'shop/app' }
  for (const held of [{ [`${APP}:v1`]: INDEX.manifest }, {}]) {
    const document = await new Chart(text, held).resolve()
    const at = (tag: string | undefined) =>
      document.rewrite(() => ({ reference: { repository, digest: digestOf('') }, tag }))
    assert.equal(at(undefined), text.replace(`${APP}:v1`, `prod.example/shop/app@${digestOf('')}`))
    assert.equal(at('v2'), text.replace(`${APP}:v1`, 'prod.example/shop/app:v2'))
  }
})

test('reports all problems of a lock together, before anything is asked', async () => {
  const refusal = async (text: string) => {
    const problems = await problemsOf(() => readLock(text, 'Images.lock'))
    for (const { kind, hint } of problems) assert.ok(kind === 'input' && hint)
    return placesOf(problems)
  }
  const text = `${HEADER}extra: 1
images:
  - {name: a, image: "${APP}:v1", digests: []}
  - {name: b, image: Bad, digests: [{digest: "sha256:abc", arch: x}]}
  - {name: c, digests: [{digest: "${AMD64}", os: linux}]}
  - {image: 5, digests: text}
`
  assert.deepEqual(await refusal(text), [
    '3:1 The key "extra" is not known in an Images.lock',
    '5:54 The image has no digest',
    '6:22 "Bad" is not a usable image reference: capital letters are not allowed in a path',
    '6:46 "sha256:abc" is not a sha256 digest',
    '7:5 The key "image" is missing in an entry of images',
    '8:13 "image" must be text, not the number 5',
    '8:25 "digests" must be a list, not text',
  ])
  assert.deepEqual(await refusal(`${HEADER}images:\n- &a {}\n`), ['4:3 An anchor (&name) is not allowed'])
})

test('fails with the place in the lock when a registry does not answer', async () => {
  const problems = await problemsOf(() =>
    readLock(lockOf(`${APP}:v1`, AMD64), 'Images.lock')(
      () => Promise.reject(new Error('no network')),
      () => undefined,
    ),
  )
  assert.deepEqual(placesOf(problems), ['9:12 Unexpected failure: no network'])
})

test('a file of another kind is told in one line', async () => {
  for (const [text, kind] of [
    ['services:\n  web: &a {image: app, build: .}\n  db: *a\n', 'a compose file'],
    ['version: 1\nsigners: {}\nrules: []\n', 'a policy file'],
  ] as const) {
    const problems = await problemsOf(() => readLock(text, 'dir/x.yml'))
    assert.deepEqual(
      problems.map(({ message }) => message),
      [`dir/x.yml is ${kind}, not a lock`],
    )
  }
})
