import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pushRightIn } from '../../src/registry/push-right.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, on, PATH } from './connect.ts'

const NAME = { registry: 'registry.example', path: 'team/app' }

/** A header with a token of these claims. */
function bearer(claims: unknown): string {
  return `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
}

function entry(actions: unknown, name: unknown = NAME.path, type = 'repository') {
  return { type, name, actions }
}

for (const [what, header, right] of [
  ['no header', undefined, 'unknown'],
  ['a password', `Basic ${btoa('robot:secret')}`, 'unknown'],
  ['an opaque token', 'Bearer abc', 'unknown'],
  ['a token of another make', 'Bearer a.b.c', 'unknown'],
  ['claims that say nothing of access', bearer({ sub: 'robot' }), 'unknown'],
  ['access to another repository', bearer({ access: [entry(['pull', 'push'], 'team/other')] }), 'unknown'],
  ['access of another type', bearer({ access: [entry(['*'], 'catalog', 'registry')] }), 'unknown'],
  ['malformed entries', bearer({ access: [null, 'push', entry('push')] }), 'refused'],
  ['access to nothing', bearer({ access: [] }), 'refused'],
  ['the right to pull', bearer({ access: [entry(['pull'])] }), 'refused'],
  ['the right to push', bearer({ access: [entry(['pull']), entry(['push', 'pull'])] }), 'granted'],
  ['all rights', bearer({ access: [entry(['*'])] }), 'granted'],
] as const) {
  test(`${what}: ${right}`, () => {
    assert.equal(pushRightIn(header, NAME), right)
  })
}

test('a token service that gives a token for reading and none for writing refuses, and any other failure is one', async (context) => {
  const accounts = [{ username: 'robot', password: 'secret' }]
  await using registry = await startRegistry({ auth: { by: 'bearer', accounts, anonymousPull: true } })
  for (const [status, outcome] of [
    [401, 'refused'],
    [403, 'refused'],
    [404, undefined],
  ] as const) {
    registry.clearFaults()
    const repository = connect(context, registry)
    assert.equal(await repository.resolve('v1'), undefined)
    const isForPush = ({ query }: { readonly query: URLSearchParams }) =>
      query.get('scope') === `repository:${PATH}:pull,push`
    registry.fault((request) => on('GET', '/token')(request) && isForPush(request), 9, { status })
    const asked = repository.preflight().pushRight()
    if (outcome === undefined) await assert.rejects(asked, /\/token answered 404/)
    else assert.equal(await asked, outcome)
  }
})
