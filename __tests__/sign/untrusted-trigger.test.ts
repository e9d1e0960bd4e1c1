import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { refuseUntrustedTrigger } from '../../src/sign/untrusted-trigger.ts'
import { temporaryFolder } from '../builders/script.ts'

const OURS = { full_name: 'acme/app' }
const FORK = { full_name: 'mallory/app' }

function pullRequest(head: unknown): unknown {
  return { pull_request: { head: { repo: head }, base: { repo: OURS } }, repository: OURS }
}

function workflowRun(head: unknown, event: unknown = 'push'): unknown {
  return { workflow_run: { head_repository: head, event }, repository: OURS }
}

/** Asks as a run does that this event has started. */
async function refuse(context: TestContext, name: string, event: unknown): Promise<void> {
  const path = join(await temporaryFolder(context), 'event.json')
  await writeFile(path, typeof event === 'string' ? event : JSON.stringify(event))
  await refuseUntrustedTrigger({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path })
}

for (const [what, name, event] of [
  ['a push', 'push', {}],
  ['a release', 'release', {}],
  ['a pull request of the same repository', 'pull_request', pullRequest(OURS)],
  ['a review in the same repository', 'pull_request_review', pullRequest(OURS)],
  ['a run that followed a push', 'workflow_run', workflowRun(OURS)],
  [
    'a run that followed a pull request of the same repository',
    'workflow_run',
    workflowRun(OURS, 'pull_request'),
  ],
] as const) {
  test(`${what} may sign`, async (context) => {
    await refuse(context, name, event)
  })
}

for (const name of [
  'create',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'workflow_call',
  'merge_group',
  'deployment',
  'deployment_status',
  'registry_package',
]) {
  test(`${name} may sign, whatever its event says`, async () => {
    await refuseUntrustedTrigger({ GITHUB_EVENT_NAME: name })
  })
}

for (const environment of [{}, { GITHUB_EVENT_NAME: '' }]) {
  test(`a terminal may sign (${JSON.stringify(environment)})`, async () => {
    await refuseUntrustedTrigger(environment)
  })
}

for (const [what, name, event, why] of [
  ['a pull request of a fork', 'pull_request', pullRequest(FORK), /from mallory\/app, not from acme\/app/],
  ['a review in a fork', 'pull_request_review', pullRequest(FORK), /mallory/],
  ['a pull request of a fork that is gone', 'pull_request', pullRequest(null), /a repository that is gone/],
  ['a run that followed upon a fork', 'workflow_run', workflowRun(FORK), /mallory/],
  ['a run that followed upon a fork that is gone', 'workflow_run', workflowRun(null), /gone/],
  ['pull_request_target, even of the same repository', 'pull_request_target', pullRequest(OURS), /rights/],
  ...[
    'issue_comment',
    'issues',
    'discussion',
    'discussion_comment',
    'fork',
    'watch',
    'gollum',
    'an_event_of_tomorrow',
    'PUSH',
  ].map((name) => [name, name, {}, /that \w+ has started: somebody without any right/] as const),
  ...['pull_request_target', 'issue_comment', 'workflow_run', 'dynamic', null].map(
    (first) =>
      [
        `a run that followed a run by ${first} of the same repository`,
        'workflow_run',
        workflowRun(OURS, first),
        new RegExp(`it follows a run that ${first === null ? 'nothing' : `"${first}"`} has started`),
      ] as const,
  ),
  ['an event without the two repositories', 'pull_request', {}, /gone/],
  ['an event that is not JSON', 'pull_request', '{', /cannot be read/],
  ['an event that is a list', 'workflow_run', [], /cannot be read/],
] as const) {
  test(`${what} may not sign`, async (context) => {
    await assert.rejects(refuse(context, name, event), (error) => {
      assert.ok(error instanceof PromotionError && error.kind === 'input')
      assert.match(error.message, why)
      assert.match(error.hint ?? '', /allow-untrusted-trigger: true/)
      return true
    })
  })
}

test('an event whose file is not there may not sign', async () => {
  await assert.rejects(refuseUntrustedTrigger({ GITHUB_EVENT_NAME: 'pull_request' }), /cannot be read/)
})
