import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTargetTemplate } from '../../src/inputs/parse-target-template.ts'
import { formatRepository } from '../../src/oci/reference.ts'
import { problemsOf } from '../builders/problems-of.ts'

function meaning(template: string): string {
  return formatRepository(parseTargetTemplate(template))
}

test('takes one repository for all, and every placeholder', () => {
  assert.equal(meaning('127.0.0.1:5000/prod'), '127.0.0.1:5000/prod')
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
    'r.example/App': /does not make a repository name$/,
    'r.example/app:v1': /does not make a repository name$/,
    'r.example/app/': /does not make a repository name$/,
    'https://r.example/app': /does not make a repository name$/,
    'oci-layout:out': /not supported yet$/,
  }
  for (const [template, message] of Object.entries(refused)) {
    const [problem] = await problemsOf(() => parseTargetTemplate(template))
    assert.ok(problem, template)
    assert.match(problem.message, message)
    assert.ok(problem.message.startsWith(`"${template}" cannot be a target: `))
    assert.ok(problem.hint)
  }
})
