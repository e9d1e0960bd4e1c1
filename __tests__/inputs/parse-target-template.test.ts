import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTargetTemplate } from '../../src/inputs/parse-target-template.ts'
import { formatRepository } from '../../src/oci/reference.ts'
import { problemsOf } from '../builders/problems-of.ts'

function meaning(template: string): string {
  return formatRepository(parseTargetTemplate(template))
}

test('takes one repository for all, and every placeholder', () => {
  for (const template of [
    '127.0.0.1:5000/prod',
    'registry:5000/a/b',
    'localhost/prod',
    '[::1]/prod',
    'r.example/a',
  ]) {
    assert.equal(meaning(template), template)
  }
  for (const template of [
    'r.example/{name}',
    'r.example/x/{repository}',
    '{registry}/prod/{name}',
    'r.example/{registry}/{name}',
  ]) {
    assert.doesNotMatch(meaning(template), /[{}]/)
  }
})

test('gives equal results for equal targets only', () => {
  assert.equal(meaning('oci-layout:out'), meaning('oci-layout:./out'))
  assert.notEqual(meaning('oci-layout:out'), meaning('oci-layout:out.tar'))
  assert.equal(meaning('docker.io/acme/{name}'), meaning('index.docker.io/acme/{name}'))
  assert.notEqual(meaning('r.example/{name}'), meaning('r.example/name'))
  assert.notEqual(meaning('r.example/{name}'), meaning('r.example/{repository}'))
})

test('refuses what is no target, and says why', async () => {
  const refused = {
    'r.example/{tag}': /no placeholder \{tag\}$/,
    'r.example/{}': /no placeholder \{\}$/,
    'r.example/{constructor}': /no placeholder \{constructor\}$/,
    'r.example/{name': /a brace is left over$/,
    'r.example/name}': /a brace is left over$/,
    'r.example/{{name}}': /a brace is left over$/,
    'r.example/App': /capital letters are not allowed in a path$/,
    'r.example/{name}/App': /capital letters are not allowed in a path$/,
    'r.example/app:v1': /does not make a repository name$/,
    'r.example/app/': /does not make a repository name$/,
    'https://r.example/app': /it is a URL$/,
    'r.example': /names no path in the registry$/,
    '{registry}': /names no path in the registry$/,
    '-r.example/app': /does not make a repository name$/,
    'oci-layout:': /it is no path$/,
    'oci-layout:{name}': /it is no path$/,
  }
  for (const [template, message] of Object.entries(refused)) {
    const [problem] = await problemsOf(() => parseTargetTemplate(template))
    assert.ok(problem, template)
    assert.match(problem.message, message)
    assert.ok(problem.message.startsWith(`"${template}" cannot be a target: `))
    assert.match(problem.hint ?? '', /^(?:Write|Use|Leave) .*\.$/)
  }
})

test('refuses a target without a registry, and says how to mean Docker Hub', async () => {
  for (const template of ['prod', 'prod/{name}', '{repository}', '{name}/app', 'my_host/app']) {
    const [problem] = await problemsOf(() => parseTargetTemplate(template))
    assert.equal(problem?.kind, 'input')
    assert.equal(problem.message, `The target "${template}" names no registry`)
    assert.equal(problem.hint, `Write host/path; for Docker Hub write docker.io/${template}.`)
  }
})

test('says of a path on disk how a layout is written', async () => {
  const paths = {
    'oci-archive:r.tar': 'r.tar',
    'oci:full': 'full',
    'oci:full:v1': 'full',
    'ocidir://full': 'full',
    'release.tar': 'release.tar',
    'out/release.tar': 'out/release.tar',
    'release.tar.gz': 'release.tar',
    './out': './out',
    '../a/release.tar': '../a/release.tar',
    '/srv/out': '/srv/out',
  }
  for (const [template, path] of Object.entries(paths)) {
    const [problem] = await problemsOf(() => parseTargetTemplate(template))
    assert.equal(problem?.message, `"${template}" cannot be a target: it is a path on disk`)
    assert.equal(problem.hint, `Write oci-layout:${path} for an archive or a folder.`)
  }
  for (const template of ['oci:5000/app', 'r.example/app.tar', 'localhost:5000/{name}.tar'])
    assert.equal(meaning(template), template.replace('{name}', 'name-placeholder'))
})

test('says of a URL what to leave out, and shows no password', async () => {
  const problem = async (template: string) => (await problemsOf(() => parseTargetTemplate(template)))[0]
  assert.equal((await problem('https://r.example/app'))?.hint, 'Leave out https://.')
  for (const template of [
    'bob:hunter2@r.example/app',
    'bob:hunter2@host',
    'https://bob:hunter2@r.example/a',
  ]) {
    const { message = '', hint, cause } = (await problem(template)) ?? {}
    assert.match(message, /"(?:https:\/\/)?bob:\*\*\*@/)
    assert.doesNotMatch(`${message} ${hint} ${String(cause)}`, /hunter2/)
  }
})
