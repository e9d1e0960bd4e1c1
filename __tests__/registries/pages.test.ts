import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { plainYaml } from '../builders/plain-yaml.ts'
import { PROFILES } from '../fakes/registry-profiles.ts'

const FOLDER = join(import.meta.dirname, '../../docs/registries')
/** Registries that have an end-to-end test of their own, and no profile. */
const TRIED_ELSEWHERE = ['artifactory', 'pulp']
const SECTIONS = ['Log in', 'What to look out for', 'What was tried', 'Sources']
const LONGEST_PAGE = 60

function page(name: string): string {
  return readFileSync(join(FOLDER, `${name}.md`), 'utf8')
}

function numbersIn(text: string, pattern: RegExp): readonly number[] {
  const found = new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)))
  return [...found].sort((one, other) => one - other)
}

const pages = readdirSync(FOLDER)
  .map((file) => file.replace(/\.md$/, ''))
  .filter((name) => name !== 'README')

test('every registry with a page has a profile, and the other way round', () => {
  const emulated = PROFILES.map(({ name }) => name)
  assert.deepEqual(pages.filter((name) => !TRIED_ELSEWHERE.includes(name)).sort(), [...emulated].sort())
})

test('the table of all registries leads to every page, once', () => {
  const linked = [...page('README').matchAll(/^\| \[[^\]]+\]\(([a-z-]+)\.md\) /gm)].map(([, name]) => name)
  assert.deepEqual(linked.sort(), [...pages].sort())
})

for (const { name } of PROFILES) {
  test(`${name}: the page is short, whole, and says what was tried`, () => {
    const text = page(name)
    assert.ok(text.split('\n').length <= LONGEST_PAGE)
    const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title ?? '')
    assert.deepEqual(
      SECTIONS.filter((title) => !sections.includes(title)),
      [],
    )
    assert.match(text, new RegExp(`^.*profile \`${name}\``, 'm'))
    assert.match(text, /^(?:Not tried against|The real thing)/m)
  })

  test(`${name}: every fact that names a source has one, and no source is idle`, () => {
    const [facts = '', sources = ''] = page(name).split('## Sources')
    assert.deepEqual(numbersIn(facts, /\[(\d+)\]/g), numbersIn(sources, /^(\d+)\. /gm))
  })

  test(`${name}: the steps to log in are YAML that a workflow can have`, () => {
    const blocks = [...page(name).matchAll(/```yaml\n([\s\S]*?)```/g)]
    assert.equal(blocks.length, 1)
    const { steps } = plainYaml(parseYaml(blocks[0]?.[1] ?? '', `${name}.md`)) as {
      readonly steps: readonly object[]
    }
    assert.notEqual(steps.length, 0)
    for (const step of steps) assert.ok('uses' in step || 'run' in step)
  })
}
