import { readFile } from 'node:fs/promises'
import { PromotionError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { readJson } from '../oci/read-json.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Events that only somebody with rights in the repository, or its own schedule, brings about (GitHub, "Events that trigger workflows"). */
const TRUSTED: readonly string[] = [
  'push',
  'create',
  'release',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'workflow_call',
  'merge_group',
  'deployment',
  'deployment_status',
  'registry_package',
]
const PULL_REQUEST = 'pull_request'
const PULL_REQUEST_TARGET = 'pull_request_target'
const OUTSIDERS = 'somebody without any right in the repository may start one'

/**
 * Refuses to sign in a GitHub workflow unless it was started by an event that no outsider can bring about, by a pull request within the
 * repository, or upon a run (`workflow_run`) of which the same is true. Without an event, as in a terminal, it does nothing. Throws a
 * PromotionError of kind `input`, also when the event cannot be read.
 */
export async function refuseUntrustedTrigger(environment: Environment): Promise<void> {
  const { GITHUB_EVENT_NAME: name = '', GITHUB_EVENT_PATH: path } = environment
  if (name === '' || TRUSTED.includes(name)) return
  if (name === PULL_REQUEST_TARGET)
    throw untrusted(name, 'it runs with rights that pull requests of forks must not have')
  const isAboutPullRequest = name.startsWith(PULL_REQUEST)
  if (!isAboutPullRequest && name !== 'workflow_run') throw untrusted(name, OUTSIDERS)
  const event = await readEvent(path)
  if (event === undefined)
    throw untrusted(name, 'its event cannot be read, so that nobody knows whose code it is')
  const [head, base] = isAboutPullRequest ? repositoriesOfPullRequest(event) : repositoriesOfRun(event)
  if (head === undefined || head !== base)
    throw untrusted(
      name,
      `its code is from ${head ?? 'a repository that is gone'}, not from ${base ?? 'this one'}`,
    )
  if (!isAboutPullRequest) refuseFirstTrigger(name, event)
}

/** What started the run that this one follows; upon a third run nobody knows what was first. */
function refuseFirstTrigger(name: string, { workflow_run: run }: JsonObject): void {
  const { event: first } = objectOr(run)
  const isTrusted =
    typeof first === 'string' &&
    (TRUSTED.includes(first) || (first.startsWith(PULL_REQUEST) && first !== PULL_REQUEST_TARGET))
  if (!isTrusted)
    throw untrusted(name, `it follows a run that ${quoteValue(first)} has started, and ${OUTSIDERS}`)
}

type Repositories = readonly [head: string | undefined, base: string | undefined]

/** GitHub's webhook events: `pull_request`. */
function repositoriesOfPullRequest({ pull_request: pullRequest }: JsonObject): Repositories {
  const { head, base } = objectOr(pullRequest)
  return [fullName(objectOr(head).repo), fullName(objectOr(base).repo)]
}

/** GitHub's webhook events: `workflow_run`. */
function repositoriesOfRun({ workflow_run: run, repository }: JsonObject): Repositories {
  return [fullName(objectOr(run).head_repository), fullName(repository)]
}

/** Null stands for a repository that was deleted. */
function fullName(repository: unknown): string | undefined {
  const { full_name: name } = objectOr(repository)
  return typeof name === 'string' && name !== '' ? name : undefined
}

function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

/** Undefined when there is none that can be read, which is no error here: who asks takes the worst for granted. */
async function readEvent(path: string | undefined): Promise<JsonObject | undefined> {
  try {
    return readJson(await readFile(path ?? ''))
  } catch {
    return undefined
  }
}

function untrusted(name: string, why: string): PromotionError {
  return new PromotionError('input', `Nothing is signed in a run that ${name} has started: ${why}`, {
    hint: 'Sign in a workflow that starts on a push or a release; `allow-untrusted-trigger: true` signs all the same, with whatever that code does.',
  })
}
