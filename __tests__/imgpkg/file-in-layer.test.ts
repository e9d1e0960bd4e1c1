import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { PromotionError } from '../../src/errors.ts'
import { fileInLayer } from '../../src/imgpkg/file-in-layer.ts'
import { buildTar } from '../builders/build-tar.ts'
import { problemsOf } from '../builders/problems-of.ts'

const PATH = '.imgpkg/images.yml'
const END = 1024

async function* pieces(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Several files in one archive. */
function tarOf(...files: readonly (readonly [name: string, content: string])[]): Buffer {
  const parts = files.map(([name, content]) => buildTar(name, content).subarray(0, -END))
  return Buffer.concat([...parts, Buffer.alloc(END)])
}

function find(tar: Uint8Array): Promise<Buffer | undefined> {
  return fileInLayer(pieces(gzipSync(tar)), PATH, 'The layer')
}

async function refusal(layer: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const [problem, ...others] = await problemsOf(() => fileInLayer(layer, PATH, 'The layer'))
  assert.deepEqual(others, [])
  assert.equal(problem?.kind, 'input')
  return problem?.message
}

test('finds the file among others, however its path is written, and nothing else', async () => {
  const large = 'x'.repeat(100_000)
  for (const name of [PATH, `./${PATH}`, `config/../${PATH}`]) {
    const found = await find(tarOf(['config/a.yml', large], [name, 'the lock'], ['z', large]))
    assert.equal(found?.toString(), 'the lock', name)
  }
  for (const name of ['images.yml', `bundles/${PATH}`, `../${PATH}`, `/${PATH}`]) {
    assert.equal(await find(tarOf([name, 'another'])), undefined, name)
  }
  assert.equal(await find(Buffer.alloc(END)), undefined)
})

test('refuses a second file of that path: which one is meant depends on who reads', async () => {
  const tar = gzipSync(tarOf([PATH, 'one'], ['between', ''], [`./${PATH}`, 'two']))
  assert.equal(await refusal(pieces(tar)), `The layer holds ${PATH} twice`)
})

test('passes over a link of that name', async () => {
  const tar = buildTar(PATH, '')
  tar.write('2', 156)
  // The checksum counts the type: "2" in place of "0" is two more.
  tar.write(`${(Number.parseInt(tar.toString('ascii', 148, 154), 8) + 2).toString(8).padStart(6, '0')}`, 148)
  assert.equal(await find(tar), undefined)
})

test('refuses what is no gzip, is cut off, or is no tar', async () => {
  assert.match((await refusal(pieces(tarOf([PATH, 'x'])))) ?? '', /^The layer is no gzip tar: /)
  const whole = gzipSync(tarOf([PATH, 'x'.repeat(5000)]))
  assert.match((await refusal(pieces(whole.subarray(0, -20)))) ?? '', /^The layer is no gzip tar: /)
  const cut = gzipSync(tarOf([PATH, 'x'.repeat(5000)]).subarray(0, 1500))
  assert.match((await refusal(pieces(cut))) ?? '', /^The layer is no gzip tar: /)
  assert.match(
    (await refusal(pieces(gzipSync(Buffer.alloc(2048, 'x'))))) ?? '',
    /^The layer is no gzip tar: /,
  )
})

test('keeps at most 2 MiB of the file, and decompresses at most 128 MiB', async () => {
  const large = gzipSync(buildTar(PATH, 'x'.repeat(2 * 1024 * 1024 + 1)))
  assert.equal(await refusal(pieces(large, 64 * 1024)), 'The layer holds a file of more than 2 MiB')
  // One file of 1 MiB, 129 times: nobody has to hold the archive to make it.
  const mebibyte = gzipSync(
    Buffer.concat([buildTar('file', 'x'.repeat(1024 * 1024 - 512)).subarray(0, -END)]),
  )
  async function* bomb(): AsyncGenerator<Uint8Array> {
    for (let number = 0; number < 130; number++) yield mebibyte
  }
  assert.equal(await refusal(bomb()), 'The layer is more than 128 MiB')
})

test('passes on what the registry says, also when that comes behind the file', async () => {
  const failure = new PromotionError('registry', 'other bytes than its digest says')
  const layer = gzipSync(tarOf([PATH, 'the lock']))
  async function* lying(): AsyncGenerator<Uint8Array> {
    yield layer
    throw failure
  }
  await assert.rejects(fileInLayer(lying(), PATH, 'The layer'), failure)
})
