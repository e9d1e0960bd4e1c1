import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { ComposeDesk, placeAtTarget } from '../builders/compose-desk.ts'

test('changes the images and not another byte', async (context) => {
  const text = `# The shop\r
x-base: &base   { image: 'base:v1' , restart: always }  # shared\r
services:\r
  "web": # first\r
    <<: *base\r
    environment: ["A=\${A:?x}"]\r
  api:\r
    image: >-\r
      api:\${TAG}\r
    ports: [ "80:80" ]\r
  db: {"image":"db@sha256:${'1'.repeat(64)}"}\r
  tagged: {image: &i registry.example/x/y}\r
  again: {image: *i}\r
  off: {image: off:v1, profiles: [x]}\r
`
  const desk = new ComposeDesk(context).write({ 'compose.yaml': `\ufeff${text}`, '.env': 'TAG=v2' })
  const document = await desk.load()
  const expected = text
    .replace("'base:v1'", `'prod.example/library/base:v1@${digestOf('base:v1')}'`)
    .replace(`>-\r\n      api:\${TAG}`, `prod.example/library/api:v2@${digestOf('api:v2')}`)
    .replace(/db@sha256:1+/, `prod.example/library/db@${digestOf(`db@sha256:${'1'.repeat(64)}`)}`)
    .replace('registry.example/x/y', `prod.example/x/y:latest@${digestOf('registry.example/x/y')}`)
  assert.equal(document.rewrite(placeAtTarget), `\ufeff${expected}`)
})

test('quotes a name that YAML would take for something else', async (context) => {
  const desk = new ComposeDesk(context).write({ 'compose.yaml': 'services: {a: {image: a}}\n' })
  const document = await desk.load()
  const digest = digestOf('a')
  const rewritten = document.rewrite(() => ({
    reference: { repository: { registry: '[::1]:5000', path: 'a' }, digest },
    tag: undefined,
  }))
  assert.equal(rewritten, `services: {a: {image: "[::1]:5000/a@${digest}"}}\n`)
})

test('makes a file to merge over several, or over one that takes images from elsewhere', async (context) => {
  const desk = new ComposeDesk(context).write({
    'a.yaml': 'services: {web: {image: web}, db: {image: "db:1"}}\n',
    'b c.yaml': 'services: {web: {image: "web:2"}}\n',
    'include.yaml': 'include: [a.yaml]\n',
  })
  const several = (await desk.load(['a.yaml', 'b c.yaml'])).rewrite(placeAtTarget)
  assert.equal(
    several,
    `# The images where they were promoted to. Give this file behind the others: -f "a.yaml" -f "b c.yaml" -f <this file>
---
services:
  db:
    image: prod.example/library/db:1@${digestOf('db:1')}
  web:
    image: prod.example/library/web:2@${digestOf('web:2')}
`,
  )
  const included = (await desk.load(['include.yaml'])).rewrite(placeAtTarget)
  assert.match(included, /^# The images .* -f "include\.yaml" -f <this file>\n---\nservices:\n {2}db:\n/)
})

test('says where the relative paths of keys start that stand in it, and nothing of others', async (context) => {
  const keys = (key: string) =>
    `services: {a: {image: a, x-nerdctl-verify: cosign, x-nerdctl-cosign-public-key: "${key}"}}\n`
  const desk = new ComposeDesk(context).write({
    'dev/relative.yaml': keys('cosign.pub'),
    'absolute.yaml': keys('/etc/cosign.pub'),
    'kms.yaml': keys('awskms:///alias/a'),
    'more.yaml': 'services: {b: {image: b}}\n',
  })
  const keysFrom = async (...files: readonly string[]) => (await desk.load(files)).keysFrom
  assert.equal(await keysFrom('dev/relative.yaml'), join(desk.folder, 'dev'))
  for (const files of [['absolute.yaml'], ['kms.yaml'], ['dev/relative.yaml', 'more.yaml']]) {
    assert.equal(await keysFrom(...files), undefined)
  }
})
