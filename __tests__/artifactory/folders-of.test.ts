import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldersOf } from '../../src/artifactory/folders-of.ts'

const HEX = 'ab'.repeat(32)

function foldersIn(...paths: readonly string[]): readonly (readonly [string, boolean])[] {
  const files = paths.map((path) => ({ key: 'docker-dev', path }))
  return foldersOf(files, 'team/app').map(({ name, isTag }) => [name, isTag])
}

test('the folders of tags and digests are told apart, and come in one order', () => {
  const found = foldersIn(
    'team/app/v1/manifest.json',
    'team/app/latest/list.manifest.json',
    `team/app/sha256:${HEX}/manifest.json`,
    `team/app/sha256__${HEX}/manifest.json`,
  )
  assert.deepEqual(found, [
    ['latest', true],
    [`sha256:${HEX}`, false],
    [`sha256__${HEX}`, false],
    ['v1', true],
  ])
})

test('what belongs to another image, is no manifest, or has an impossible name, is left out', () => {
  const found = foldersIn(
    'team/app/below/v1/manifest.json',
    'team/apple/v1/manifest.json',
    'other/team/app/v1/manifest.json',
    `team/app/v1/sha256__${HEX}`,
    'team/app/-v1/manifest.json',
    'team/app/manifest.json',
  )
  assert.deepEqual(found, [])
})
