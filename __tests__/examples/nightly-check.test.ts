import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import { ExampleJob } from '../builders/example-workflow.ts'

const check = new ExampleJob('nightly-check/check.yml', 'check')
const issue = new ExampleJob('nightly-check/check.yml', 'issue')

/** What the job says to GitHub about a report, where an issue is open already or not. */
function saidToGitHub(report: object, open: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'nightly-'))
  try {
    writeFileSync(join(folder, 'check.json'), JSON.stringify(report))
    const gh = `gh() { if [[ $2 == list ]]; then echo "${open}"; else echo "$1 $2" >&3; fi; }`
    const script = `set -eo pipefail; exec 3>&1; ${gh}\n${issue.script}`
    const said = execFileSync('bash', ['-c', script], { cwd: folder, env: { ...process.env, RUN: 'run' } })
    return String(said).split('\n').slice(0, -1)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const lacksJq = spawnSync('jq', ['--version']).error !== undefined

describe('the example of a check every night', () => {
  test('gives the action inputs that belong together', () => {
    const known = new Set<string>(INPUTS.map(({ name }) => name))
    assert.deepEqual(
      check.inputNames.filter((name) => !known.has(name)),
      [],
    )
    const [settings] = check.settings
    assert.deepEqual([settings?.command, settings?.verification.by], ['check', 'policy'])
  })

  test('lets no job both speak to registries and write issues', () => {
    assert.deepEqual(check.job.permissions, { contents: 'read' })
    assert.deepEqual([issue.job.permissions, issue.inputNames], [{ issues: 'write' }, []])
  })

  test('writes an issue where production differs, and leaves it alone where that could not be found out', {
    skip: lacksJq && 'jq is missing',
  }, () => {
    const drift = [{ kind: 'tag-moved', message: 'prod:v1 leads elsewhere', hint: 'Move it.' }]
    assert.deepEqual(saidToGitHub({ exitCode: 9, drift }, ''), ['label create', 'issue create'])
    assert.deepEqual(saidToGitHub({ exitCode: 9, drift }, '7'), ['issue edit'])
    for (const open of ['', '7']) assert.deepEqual(saidToGitHub({ exitCode: 4, drift }, open), [])
    assert.deepEqual(saidToGitHub({ exitCode: 0, drift: [] }, '7'), ['issue close'])
    assert.deepEqual(saidToGitHub({ exitCode: 0, drift: [] }, ''), [])
  })

  test('hands the report of the check to the job that writes the issue', () => {
    const [settings] = check.settings
    const kept = check.inputsOf('actions/upload-artifact')
    assert.deepEqual(
      [kept.path, kept.name],
      [settings?.report, issue.inputsOf('actions/download-artifact').name],
    )
  })
})
