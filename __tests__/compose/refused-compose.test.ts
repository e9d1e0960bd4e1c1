import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ComposeDesk } from '../builders/compose-desk.ts'

test('tells of services without an image, and of files without any', async (context) => {
  const desk = new ComposeDesk(context).write({
    'compose.yaml':
      'services:\n  a: {build: .}\n  b: {image: b}\n  c: {provider: {type: model}}\n  d: {command: x}\n  e:\n',
    'built.yaml': 'services:\n  a: {build: .}\n',
    'off.yaml': 'services:\n  a: {image: a, profiles: [x]}\n',
    'empty.yaml': 'networks: {}\n',
  })
  assert.deepEqual(await desk.refusals(), [
    'compose.yaml:6:5 The service "e" must be a mapping, not empty',
    'compose.yaml:5:3 The service "d" has no "image" and no "build"',
  ])
  assert.deepEqual(desk.warnings, [
    ['The service "a" is built and has no "image": nothing of it is promoted', 2],
  ])
  const none = 'There is no image to work on'
  assert.deepEqual(await desk.refusals(['built.yaml']), [`built.yaml:-:- ${none}: no service has one`])
  assert.deepEqual(await desk.refusals(['off.yaml']), [`off.yaml:-:- ${none}: the profiles of a are not on`])
  assert.deepEqual(await desk.refusals(['empty.yaml']), [`empty.yaml:-:- ${none}: no service has one`])
})

test('reports the problems of all files together', async (context) => {
  const desk = new ComposeDesk(context).write({
    'a.yaml': `services:\n  web: {image: Web}\n  api: {image: 5}\n  db: {image: "db:\${BAD"}\nx-nerdctl-sign: none\n`,
    'b.yaml': 'services: [web]\n',
    'c.yaml': 'services:\n\tx: y\n',
  })
  assert.deepEqual(await desk.refusals(['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml']), [
    'a.yaml:5:1 "x-nerdctl-sign" stands outside of services, where it says nothing',
    'b.yaml:1:11 "services" must be a mapping, not a list',
    'c.yaml:2:1 This is not valid YAML: Tabs are not allowed as indentation',
    'd.yaml:-:- The file does not exist',
    'a.yaml:2:16 "Web" is not a usable image reference: capital letters are not allowed in a path',
    'a.yaml:3:16 "image" must be text, not the number 5',
    'a.yaml:4:15 A variable is not well formed',
  ])
})

test('refuses includes and extends that lead nowhere, in a circle or out of the folder', async (context) => {
  const desk = new ComposeDesk(context).write({
    'work/circle.yaml': 'include: [other.yaml]\nservices: {a: {image: a}}\n',
    'work/other.yaml': 'include: [circle.yaml]\n',
    'work/out.yaml':
      'include: [../secret.yaml, "https://r.example/compose.yaml", {path: in.yaml, env_file: ../x}, gone.yaml]\n',
    'work/extends.yaml': `services:
  a: {extends: b}
  b: {extends: {service: a}}
  c: {extends: gone}
  d: {extends: {file: ../secret.yaml, service: s}}
  e: {extends: {file: other.yaml, service: s}}
  f: {extends: {file: other.yaml}}
`,
    'work/in.yaml': 'services: {a: {image: a}}\n',
    'secret.yaml': 'services: {s: {image: s}}\n',
  })
  symlinkSync('../secret.yaml', join(desk.folder, 'work/link.yaml'))
  const inWork = (file: string) => desk.refusals([file], { workingDirectory: 'work' })
  assert.deepEqual(await inWork('circle.yaml'), [
    'other.yaml:1:11 Files include each other: circle.yaml includes other.yaml includes circle.yaml',
  ])
  const outside = 'is neither in the working directory nor in the folder of the first compose file'
  assert.deepEqual(await inWork('out.yaml'), [
    'out.yaml:1:27 "https://r.example/compose.yaml" is not a file on this machine, and only those are included',
    `out.yaml:1:11 /secret.yaml ${outside}`,
    `out.yaml:1:61 /x ${outside}`,
    'gone.yaml:-:- The file does not exist',
  ])
  assert.deepEqual(await inWork('extends.yaml'), [
    'extends.yaml:2:7 Services extend each other: a, b',
    'extends.yaml:4:7 The service "c" extends "gone", which is not there',
    `extends.yaml:5:7 /secret.yaml ${outside}`,
    'extends.yaml:6:7 The service "e" extends "s", which is not there',
    'extends.yaml:7:16 The key "service" is missing in extends',
  ])
  assert.deepEqual(await inWork('link.yaml'), [
    'link.yaml:-:- The file is a symbolic link that leads out of the working directory',
  ])
})

test('refuses what lies elsewhere, behind a folder that is a link', async (context) => {
  const folder = '/checkout'
  const desk = new ComposeDesk(context).write({
    'checkout/include.yaml': 'include: [sub/a.yaml]\n',
    'checkout/extends.yaml': 'services: {a: {extends: {file: sub/a.yaml, service: a}}}\n',
    'checkout/env.yaml': 'include: [{path: a.yaml, env_file: sub/secrets.env}]\n',
    'checkout/directory.yaml': 'include: [{path: a.yaml, project_directory: sub}]\n',
    'checkout/up.yaml': 'include: [{path: a.yaml, project_directory: ../out}]\n',
    'checkout/good.yaml': 'include: [{path: inner/a.yaml, env_file: inner/x.env}]\n',
    'checkout/a.yaml': `services: {a: {image: "a:\${HIDDEN:-none}"}}\n`,
    'checkout/real/a.yaml': `services: {a: {image: "a:\${HIDDEN:-none}"}}\n`,
    'checkout/real/x.env': 'HIDDEN=1\n',
    'out/a.yaml': 'services: {a: {image: a}}\n',
    'out/secrets.env': 'HIDDEN=hunter2\n',
    'out/.env': 'HIDDEN=hunter2\n',
    'work/x': '',
  })
  symlinkSync('../out', join(desk.folder, 'checkout/sub'))
  symlinkSync('real', join(desk.folder, 'checkout/inner'))
  const load = (file: string) => [[`..${folder}/${file}`], { workingDirectory: 'work' }] as const
  const why = 'lies neither in the working directory nor in the folder of the first compose file'
  for (const [file, refused] of [
    ['include.yaml', 'sub/a.yaml'],
    ['extends.yaml', 'sub/a.yaml'],
    ['env.yaml', 'sub/secrets.env'],
    ['directory.yaml', 'sub/.env'],
  ] as const) {
    const problems = await desk.refusals(...load(file))
    assert.equal(problems.at(-1), `${desk.folder}${folder}/${refused}:-:- The file ${why}`, file)
  }
  assert.equal((await desk.refusals(...load('up.yaml')))[0], `${desk.folder}/out/.env:-:- The file ${why}`)
  assert.deepEqual(await desk.images(...load('good.yaml')), ['a:1'])
})

test('reads no variables from hidden files that others name, .env and its like apart', async (context) => {
  const include = (file: string) => `include: [{path: a.yaml, env_file: ${file}}]\n`
  const desk = new ComposeDesk(context).write({
    'git.yaml': include('.git/config'),
    'npm.yaml': include('.npmrc'),
    'link.yaml': include('link.env'),
    'prod.yaml': include('.env.prod'),
    'ci.yaml': include('.ci/.env'),
    '.deploy/c.yaml': include('prod.env'),
    '.deploy/prod.env': 'url=5\n',
    'a.yaml': `services: {a: {image: "a:\${url}"}}\n`,
    '.deploy/a.yaml': `services: {a: {image: "a:\${url}"}}\n`,
    '.git/config': 'url = hunter2\n',
    '.npmrc': 'url=4\n',
    '.env.prod': 'url=1\n',
    '.ci/.env': 'url=2\n',
    'linked/a.yaml': `services: {a: {image: "a:\${url}"}}\n`,
  })
  symlinkSync('.git/config', join(desk.folder, 'link.env'))
  symlinkSync('../.git/config', join(desk.folder, 'linked/.env'))
  const why = 'The file is hidden, or in a hidden folder, and is not read for variables'
  const refusal = async (file: string) => (await desk.refusals([file]))[0]
  assert.equal(await refusal('git.yaml'), `.git/config:-:- ${why}`)
  assert.equal(await refusal('npm.yaml'), `.npmrc:-:- ${why}`)
  assert.equal(await refusal('link.yaml'), `link.env:-:- ${why}`)
  assert.equal(await refusal('linked/a.yaml'), `linked/.env:-:- ${why}`)
  assert.deepEqual(await desk.images(['prod.yaml']), ['a:1'])
  assert.deepEqual(await desk.images(['ci.yaml']), ['a:2'])
  assert.deepEqual(await desk.images(['.deploy/c.yaml']), ['a:5'])
  assert.deepEqual(await desk.images(['a.yaml'], { envFiles: ['.npmrc'] }), ['a:4'])
})

test('gives up on files that include each other in ever more ways', async (context) => {
  const files = Array.from({ length: 12 }, (_, level) => [
    `${level}.yaml`,
    `include: [${level + 1}.yaml, ./${level + 1}.yaml]\n`,
  ])
  const desk = new ComposeDesk(context).write({
    ...Object.fromEntries(files),
    '12.yaml': 'services: {a: {image: a}}\n',
  })
  const problems = await desk.refusals(['0.yaml'])
  assert.match(problems.at(-1) ?? '', /More than 200 files are included and extended/)
})

test('reads a thousand services that extend each other, and refuses a longer chain than it follows', async (context) => {
  const wide = Array.from(
    { length: 1_000 },
    (_, index) => `  s${index}: {extends: {file: base.yaml, service: base}}`,
  )
  const deep = Array.from({ length: 150 }, (_, index) => `  s${index}: {extends: s${index + 1}}`)
  const desk = new ComposeDesk(context).write({
    'wide.yaml': `services:\n${wide.join('\n')}\n`,
    'base.yaml': 'services: {base: {image: base}}\n',
    'deep.yaml': `services:\n${deep.join('\n')}\n  s150: {image: base}\n`,
  })
  assert.deepEqual(await desk.images(['wide.yaml']), ['base'])
  assert.match((await desk.refusals(['deep.yaml']))[0] ?? '', /Services extend each other: s0, s1, /)
})

test('tells a lock and a policy from a compose file in one line', async (context) => {
  const desk = new ComposeDesk(context).write({
    'lock.yml': 'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\nbundle: {image: a}\n',
    'policy.yml': 'version: 1\nrules: []\n',
  })
  assert.deepEqual(await desk.refusals(['lock.yml', 'policy.yml']), [
    'lock.yml:-:- lock.yml is a BundleLock, not a compose file',
    'policy.yml:-:- policy.yml is a policy file, not a compose file',
  ])
})
