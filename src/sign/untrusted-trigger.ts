import { readFile } from 'node:fs/promises'
import { PromotionError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Refuses to sign in a GitHub workflow that code from a fork may have started or may run in: a pull request of a fork, what follows upon one
 * (`workflow_run`), and `pull_request_target`, which gives such a pull request the repository's rights. Everywhere else it does nothing.
 * Throws a PromotionError of kind `input`, also when the event cannot be read.
 */
export async function refuseUntrustedTrigger(environment: Environment): Promise<void> {
  const { GITHUB_EVENT_NAME: name = '', GITHUB_EVENT_PATH: path } = environment
  const isAboutPullRequest = name.startsWith('pull_request')
  if (name === 'pull_request_target')
    throw untrusted(name, 'it runs with rights that pull requests of forks must not have')
  if (!isAboutPullRequest && name !== 'workflow_run') return
  const event = await readEvent(path)
  if (event === undefined)
    throw untrusted(name, 'its event cannot be read, so that nobody knows whose code it is')
  const [head, base] = isAboutPullRequest ? repositoriesOfPullRequest(event) : repositoriesOfRun(event)
  if (head !== undefined && head === base) return
  throw untrusted(
    name,
    `its code is from ${head ?? 'a repository that is gone'}, not from ${base ?? 'this one'}`,
  )
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
