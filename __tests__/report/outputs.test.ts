import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTPUTS } from '../../src/inputs/definitions.ts'
import { formatOutputs } from '../../src/report/outputs.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'

test('the outputs are those that action.yml promises, in its order', () => {
  assert.deepEqual(
    Object.keys(formatOutputs(runResult())),
    OUTPUTS.map(({ name }) => name),
  )
})

test('one image gives its digest; of several none stands for the others', () => {
  const image = imageResult()
  assert.equal(formatOutputs(runResult()).digest, image.digest)
  assert.equal(formatOutputs(runResult({ images: [image, image] })).digest, '')
  assert.equal(formatOutputs(runResult({ images: [] })).digest, '')
})

test('files are given by path, one lock a line, and are empty where none was written', () => {
  const files = { locks: ['out-1.yml', 'out-2.yml'], report: 'report.json', comment: null }
  const { lock, report } = formatOutputs(runResult({ files }))
  assert.deepEqual([lock, report], ['out-1.yml\nout-2.yml', 'report.json'])
  const none = formatOutputs(runResult())
  assert.deepEqual([none.lock, none.report], ['', ''])
})

test('images are JSON on one line: targets, and the signatures that count', () => {
  const { digest, source } = imageResult()
  const signatures = [true, false].map((counts) => ({
    form: 'tag',
    manifest: digest,
    counts,
    reason: 'for a test',
    annotations: {},
  })) as unknown as ReturnType<typeof imageResult>['signatures']
  const { images = '' } = formatOutputs(runResult({ images: [imageResult({ signatures })] }))
  assert.deepEqual(JSON.parse(images), [
    { source, digest, targets: [targetResult().target], signatures: [{ form: 'tag', manifest: digest }] },
  ])
  assert.ok(!images.includes('\n'))
})

test('numbers are plain digits', () => {
  const { copied, present, signed, verified, bytes } = formatOutputs(runResult())
  assert.deepEqual([copied, present, signed, verified, bytes], ['1', '0', '0', '1', '1234'])
})
