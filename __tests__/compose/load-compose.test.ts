import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatReference } from '../../src/oci/reference.ts'
import { ComposeDesk } from '../builders/compose-desk.ts'

const TAG = `\${TAG}`

test('lists the image of each service once, with its tag and its place', async (context) => {
  const desk = new ComposeDesk(context).write({
    'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:v1@sha256:${'1'.repeat(64)}
  worker: {image: "postgres"}
  db:
    image: docker.io/library/postgres:latest
`,
  })
  const { listed } = await desk.load()
  assert.deepEqual(
    listed.map(({ reference, written, originTags, location }) => [
      formatReference(reference),
      written,
      originTags,
      location?.line,
    ]),
    [
      [
        `ghcr.io/acme/web@sha256:${'1'.repeat(64)}`,
        `ghcr.io/acme/web:v1@sha256:${'1'.repeat(64)}`,
        ['v1'],
        3,
      ],
      ['index.docker.io/library/postgres:latest', 'postgres', ['latest'], 4],
    ],
  )
  assert.deepEqual([desk.warnings, desk.notices], [[], []])
})

test('puts in variables of .env beside the first file or of files that are named, and warns of those that are not set', async (context) => {
  const desk = new ComposeDesk(context).write({
    'shop/compose.yaml': `services:\n  web:\n    image: \${REGISTRY}app:${TAG}\n`,
    'shop/.env': 'TAG=v2\n',
    '.env': 'TAG=wrong\n',
    'other.env': 'TAG=v3\nREGISTRY=r.example/\n',
  })
  const files = ['shop/compose.yaml']
  assert.deepEqual(await desk.images(files), ['app:v2'])
  assert.deepEqual(desk.warnings, [['The variable REGISTRY is set in no env file, and counts as empty', 3]])
  assert.deepEqual(await desk.images(files, { envFiles: ['other.env'] }), ['r.example/app:v3'])
  assert.deepEqual(await desk.refusals(files, { envFiles: ['none.env'] }), [
    'none.env:-:- The file does not exist',
  ])
})

test('gives no variable of the process to compose files, and shows no value of the others', async (context) => {
  const desk = new ComposeDesk(context).write({
    'compose.yaml': `services:
  a: {image: "a\${SUFFIX}:\${GH_PAT:-none}"}
  b: {image: "b:$GH_PAT"}
  c: {image: "c:\${BARE}"}
  d: {image: "d:\${BAD}"}
  e: {image: "u:p@q:\${BAD}", x-nerdctl-sign: "\${BAD}"}
  f: {image: "\${NONE:?\${BAD}}"}
`,
    'only.yaml': `services:\n  a: {image: "a\${SUFFIX}:\${GH_PAT:-none}"}\n  b: {image: "b\${SUFFIX}"}\n`,
    '.env': 'BARE\nBAD=hunter 2\nSUFFIX=$GH_PAT\n',
  })
  const environment = { GH_PAT: 'hunter2', BARE: 'hunter2', SUFFIX: 'hunter2' }
  const unusable = 'is not a usable image reference once its variables are put in'
  assert.deepEqual(await desk.refusals(undefined, { environment }), [
    `compose.yaml:3:14 "b:$GH_PAT" ${unusable}`,
    '.env:1:- The variable BARE is written without a value',
    `compose.yaml:5:14 "d:\${BAD}" ${unusable}`,
    `compose.yaml:6:30 The service "e": "x-nerdctl-sign" is "\${BAD}", which nerdctl does not know`,
    `compose.yaml:6:14 "u:***@q:\${BAD}" ${unusable}`,
    `compose.yaml:7:14 The variable NONE is not set: \${BAD}`,
  ])
  desk.warnings.length = 0
  assert.deepEqual(await desk.images(['only.yaml'], { environment }), ['a:none', 'b'])
  assert.deepEqual(desk.warnings, [
    ['The variable GH_PAT is set in no env file, and counts as empty', undefined],
  ])
})

test('needs no variable that is nothing to images', async (context) => {
  const text = `services:\n  web:\n    image: app\n    environment: {PASSWORD: "\${PASSWORD:?set it}"}\n`
  assert.deepEqual(await new ComposeDesk(context).write({ 'compose.yaml': text }).images(), ['app'])
})

test('merges files: later images win, profiles add up, !reset and !override take away', async (context) => {
  const desk = new ComposeDesk(context).write({
    'a.yaml': `services:
  web: {image: "web:a", profiles: [one]}
  api: {image: "api:a", x-nerdctl-sign: none}
  old: {image: "old:a"}
  db: {image: "db:a", profiles: [one]}
  tool: {build: ., image: "tool:a"}
`,
    'b.yaml': `services:
  web: {image: "web:b", profiles: [two]}
  api: !override {image: "api:b"}
  old: !reset null
  db: {profiles: !override [three], image: }
  tool: {image: !reset null}
  new: {image: "new:b"}
`,
  })
  const both = ['a.yaml', 'b.yaml']
  assert.deepEqual(await desk.images(both), ['api:b', 'new:b'])
  assert.deepEqual((await desk.load(both)).listed[0]?.terms, {})
  assert.deepEqual(await desk.images(both, { profiles: ['one'] }), ['web:b', 'api:b', 'new:b'])
  assert.deepEqual(await desk.images(both, { profiles: ['*'] }), ['web:b', 'api:b', 'db:a', 'new:b'])
  assert.ok(
    desk.warnings.some(([message]) => message.startsWith('The service "tool" is built and has no "image"')),
  )
})

test('lists one image on two terms twice, for whoever knows what tags mean', async (context) => {
  const text =
    'services:\n  a: {image: app, x-nerdctl-sign: none}\n  b: {image: "app:latest"}\n  c: {image: app}\n'
  const { listed } = await new ComposeDesk(context).write({ 'compose.yaml': text }).load()
  assert.deepEqual(
    listed.map(({ terms }) => terms),
    [{ sign: { by: 'nobody' } }, {}],
  )
})

test('takes services without profiles, and of the others those whose profiles are on', async (context) => {
  const text = 'services:\n  web: {image: web}\n  debug: {image: debug, profiles: [dev, test]}\n'
  const desk = new ComposeDesk(context).write({ 'compose.yaml': text, 'on.env': 'COMPOSE_PROFILES=a, test' })
  assert.deepEqual(await desk.images(), ['web'])
  assert.deepEqual(desk.notices, ['Left out, because their profiles are not on: debug'])
  assert.deepEqual(await desk.images(undefined, { profiles: ['dev'] }), ['web', 'debug'])
  assert.deepEqual(await desk.images(undefined, { envFiles: ['on.env'] }), ['web', 'debug'])
  const environment = { COMPOSE_PROFILES: 'test' }
  assert.deepEqual(await desk.images(undefined, { environment }), ['web', 'debug'])
  assert.deepEqual(await desk.images(undefined, { environment: { COMPOSE_PROFILES: 'tets, ,' } }), ['web'])
  assert.deepEqual(await desk.refusals(undefined, { environment, profiles: ['tets'] }), [
    '-:-:- `compose-profiles` names "tets", and no service has that profile',
  ])
})

test('follows anchors, merge keys and extends, in the file and in another', async (context) => {
  const desk = new ComposeDesk(context).write({
    'compose.yaml': `x-base: &base {image: "base:${TAG}", x-nerdctl-sign: cosign}
services:
  anchored: *base
  merged: {<<: *base, image: "merged:1"}
  child: {extends: merged, image: "child:1", x-nerdctl-sign: none}
  foreign: {extends: {file: shared/common.yaml, service: leaf}, profiles: !reset []}
`,
    '.env': 'TAG=t',
    'shared/common.yaml': `services:
  root: {image: "root:${TAG}", profiles: [x], x-nerdctl-sign: cosign, x-nerdctl-cosign-private-key: keys/k.key}
  leaf: {extends: {service: root}}
`,
  })
  const { listed } = await desk.load()
  assert.deepEqual(
    listed.map(({ written, terms }) => [written, terms?.sign]),
    [
      ['base:t', { by: 'keyless' }],
      ['merged:1', { by: 'keyless' }],
      ['child:1', { by: 'nobody' }],
      ['root:t', { by: 'key', key: join(desk.folder, 'shared/keys/k.key') }],
    ],
  )
})

test('includes other projects with their own folders and variables, under what the file says itself', async (context) => {
  const own = `\${OWN:-none}`
  const desk = new ComposeDesk(context).write({
    'compose.yaml': `include:
  - db/compose.yaml
  - path: [mail/compose.yaml, mail/override.yaml]
    project_directory: conf
    env_file: conf/mail.env
services:
  web: {image: "web:${TAG}-${own}"}
  db: {x-nerdctl-sign: none}
`,
    '.env': 'TAG=main\n',
    'db/compose.yaml': `include: [more/compose.yaml]
services:
  db: {image: "db:${TAG}-${own}", x-nerdctl-sign: cosign}
`,
    'db/.env': 'TAG=db\nOWN=db\n',
    'db/more/compose.yaml': `services:\n  more: {image: "more:${TAG}-${own}"}\n`,
    'mail/compose.yaml': `services:\n  mail: {image: "mail:${own}"}\n  queue: {image: "queue:a"}\n`,
    'mail/override.yaml': `services:
  queue:
    image: queue:${own}
    x-nerdctl-sign: cosign
    x-nerdctl-cosign-private-key: mail.key
`,
    'conf/mail.env': 'OWN=mail\n',
  })
  const { listed } = await desk.load()
  assert.deepEqual(
    new Map(listed.map(({ written, terms }) => [written, terms?.sign])),
    new Map<string, unknown>([
      ['mail:mail', undefined],
      ['queue:mail', { by: 'key', key: join(desk.folder, 'conf/mail.key') }],
      ['more:main-db', undefined],
      ['db:main-db', { by: 'nobody' }],
      ['web:main-none', undefined],
    ]),
  )
})
