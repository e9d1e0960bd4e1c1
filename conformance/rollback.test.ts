import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { newFolder } from './new-folder.ts'
import { pushBareSample } from './push-sample.ts'
import { EVERY_KIND, type RegistryKind, startRealRegistry } from './real-registry.ts'
import { runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'

const skip = missingTools('registry', 'referrers-registry', 'docker-registry')
/** Debian's old distribution answers 405 when a tag is to be deleted. */
const DELETES_TAGS: readonly RegistryKind[] = ['distribution', 'referrers']

for (const kind of EVERY_KIND) {
  describe(`rolls back in ${kind}`, { skip }, () => {
    test('a tag that was moved and one that was made, or neither where no tag can be deleted', () =>
      promoteAndRollBack(kind))
  })
}

async function promoteAndRollBack(kind: RegistryKind): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const { host } = stack.use(await startRealRegistry(kind))
  const folder = stack.adopt(await newFolder(), (path) => rm(path, { recursive: true, force: true }))
  const older = await pushBareSample({ host, repository: 'prod', seed: 'older' })
  const { index } = await pushBareSample({ host, repository: 'app', seed: 'newer' })
  const tags = async () => [await digestAt(host, 'v1'), await digestAt(host, 'v2')]
  const before = [older.index.digest, undefined]
  const promoted = [index.digest, index.digest]

  const run = await runCli(
    folder,
    ...['promote', '--images', `${host}/app@${index.digest}`, '--to', `${host}/prod`, '--verify', 'none'],
    ...['--tags', 'v1', '--tags', 'v2', '--existing-tags', 'move', '--report', 'report.json'],
  )
  assert.equal(run.exitCode, 0, run.output)
  assert.deepEqual(await tags(), promoted)

  const deletes = DELETES_TAGS.includes(kind)
  for (const line of deletes
    ? [/2 tags undone, /, /no tag was undone, 2 back already/]
    : [/:v2 cannot be removed/]) {
    const { exitCode, output } = await runCli(folder, 'rollback', '--report', 'report.json')
    assert.equal(exitCode, deletes ? 0 : 4, output)
    assert.match(output, line)
    assert.deepEqual(await tags(), deletes ? before : promoted)
  }
}

/** What a tag of the target points at, as the registry says. */
async function digestAt(host: string, tag: string): Promise<string | undefined> {
  const accept = 'application/vnd.oci.image.index.v1+json'
  const answer = await fetch(`http://${host}/v2/prod/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept },
  })
  if (answer.status === 404) return undefined
  assert.equal(answer.status, 200)
  return answer.headers.get('docker-content-digest') ?? undefined
}
