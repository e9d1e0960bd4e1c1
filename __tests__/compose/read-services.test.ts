import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readServices } from '../../src/compose/read-services.ts'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { YamlReader } from '../../src/yaml/yaml-reader.ts'
import { ComposeDesk } from '../builders/compose-desk.ts'

const ALIASES = { aliases: true, tags: [] }

test('keeps what bears on images, once for all aliases of a service', () => {
  const others = Array.from({ length: 1_000 }, (_, index) => `  x-${index}: 1\n`).join('')
  const services = Array.from({ length: 4_000 }, (_, index) => `  s${index}: *base\n`).join('')
  const text = `x-base: &base\n  image: app\n  x-nerdctl-sign: none\n  command: x\n${others}services:\n${services}`
  const origin = { file: 'compose.yaml', text, folder: '/', lookUp: () => undefined }
  const read = [...readServices(parseYaml(text, 'compose.yaml', ALIASES), origin, new YamlReader()).values()]
  assert.equal(read.length, 4_000)
  assert.deepEqual([...(read[0]?.fields.keys() ?? [])], ['image', 'x-nerdctl-sign'])
  assert.equal(new Set(read.map(({ fields }) => fields)).size, 1)
})

test('tells once of an unknown field, however many services are aliases of its own', async (context) => {
  const text = 'services:\n  a: &a {image: app, x-nerdctl-sing: cosign}\n  b: *a\n  c: *a\n'
  assert.deepEqual(await new ComposeDesk(context).write({ 'compose.yaml': text }).refusals(), [
    'compose.yaml:2:22 nerdctl knows no "x-nerdctl-sing"',
  ])
})

test('takes at most 20,000 services from all files', async (context) => {
  const services = Array.from({ length: 5_000 }, (_, index) => `s${index}: *a`).join(', ')
  const desk = new ComposeDesk(context).write({
    'many.yaml': `x-a: &a {image: app}\nservices: {${services}}\n`,
    'four.yaml': 'include: [many.yaml, many.yaml, many.yaml, many.yaml]\n',
    'more.yaml': 'include: [four.yaml, one.yaml]\n',
    'one.yaml': 'services: {a: {image: app}}\n',
  })
  assert.deepEqual(await desk.images(['four.yaml']), ['app'])
  assert.deepEqual(await desk.refusals(['more.yaml']), [
    'one.yaml:-:- The files have more than 20000 services together',
  ])
})
