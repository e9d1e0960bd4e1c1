import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { jsonAnswer } from '../fakes/registry-exchange.ts'
import type { Play } from '../fakes/registry-faults.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'tags' })
const ALWAYS = Number.POSITIVE_INFINITY
const LISTS = on('GET', '/tags/list')
/** As many as are read. */
const PAGES = 3
const TAGS = ['a', 'b', 'c', 'd', 'e']
const MANY = Array.from({ length: 60 }, (_, index) => `tag-${String(index).padStart(2, '0')}`)

async function registryWithTags(pageSize = 1000): Promise<RegistryServer> {
  const registry = await startRegistry({ pageSize })
  for (const tag of TAGS) IMAGE.putInto(registry.store, PATH, tag)
  return registry
}

/** Page number `page` of a list without end. */
function endless(page: number): Play {
  const link = `</v2/${PATH}/tags/list?page=${page + 1}>; rel="next"`
  return () => jsonAnswer(200, { name: PATH, tags: [`tag-${page}`] }, { link })
}

test('all tags with one request', async (context) => {
  await using registry = await registryWithTags()
  assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set(TAGS))
  assert.deepEqual(
    registry.requests.map(({ path, query }) => [path, query.get('n')]),
    [[`/v2/${PATH}/tags/list`, '1000']],
  )
})

test('a longer list, and a look behind its last tag: some registries cut one and do not say so', async (context) => {
  await using registry = await startRegistry()
  for (const tag of MANY) IMAGE.putInto(registry.store, PATH, tag)
  assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set(MANY))
  assert.deepEqual(
    registry.requests.map(({ query }) => query.get('last')),
    [null, MANY.at(-1)],
  )
})

test('every page of the list', async (context) => {
  await using registry = await registryWithTags(3)
  assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set(TAGS))
  assert.equal(registry.requests.length, 2)
})

test('what a registry leaves out without a Link header is asked for behind the last tag', async (context) => {
  await using registry = await startRegistry()
  for (const tag of MANY) IMAGE.putInto(registry.store, PATH, tag)
  registry.fault(LISTS, 1, () => jsonAnswer(200, { tags: MANY.slice(0, 50) }))
  assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set(MANY))
})

test('a list that repeats itself where it was to go on is none: it may have been cut', async (context) => {
  await using registry = await registryWithTags()
  registry.fault(LISTS, 2, () => jsonAnswer(200, { tags: MANY }))
  assert.equal(await connect(context, registry).listTags(PAGES), undefined)
  assert.equal(registry.requests.length, 2)
})

test('a page that says that there is no such repository ends no list', async (context) => {
  await using registry = await registryWithTags(2)
  const body = '{"errors":[{"code":"NAME_UNKNOWN"}]}'
  registry.fault((request) => LISTS(request) && request.query.has('last'), 1, { status: 404, body })
  assert.equal(await connect(context, registry).listTags(PAGES), undefined)
})

for (const [what, tags] of [
  ['null, as Go writes an empty list', null],
  ['an empty list', []],
] as const) {
  test(`${what}, is no tags`, async (context) => {
    await using registry = await registryWithTags()
    registry.fault(LISTS, 1, () => jsonAnswer(200, { name: PATH, tags }))
    assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set())
  })
}

test('a repository that is not there has no tags', async (context) => {
  await using registry = await startRegistry()
  const body = '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}'
  registry.fault(LISTS, 1, { status: 404, body })
  assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set())
})

describe('there is no list to rely on', () => {
  for (const [what, play] of [
    ['from a 404 without the words of a registry', { status: 404, body: 'page not found' }],
    ['from a 404 about something else', { status: 404, body: '{"errors":[{"code":"UNSUPPORTED"}]}' }],
    ['when it is refused with 401', { status: 401 }],
    ['when it is refused with 403', { status: 403 }],
    ['when it is refused with 405', { status: 405 }],
    ['when it goes on failing with 500', { status: 500 }],
    ['when it is a web page', { status: 200, body: '<html>' }],
    ['when it is half of one', { status: 200, body: '{"tags":["a","b"' }],
    ['when it is empty', { status: 200, body: '' }],
    ['when it is something else', { status: 200, body: '{"errors":[]}' }],
    ['when it is a list of other things', { status: 200, body: '{"tags":["a",1]}' }],
    ['when it is no list', { status: 200, body: '{"tags":"a"}' }],
    ['when it is JSON and no object', { status: 200, body: '["a"]' }],
    [
      'when it is not UTF-8',
      () => ({ ...jsonAnswer(200, {}), body: Buffer.from('{"tags":["\xff"]}', 'latin1') }),
    ],
  ] as const satisfies readonly (readonly [string, Play])[]) {
    test(what, async (context) => {
      await using registry = await registryWithTags()
      registry.fault(LISTS, ALWAYS, play)
      assert.equal(await connect(context, registry).listTags(PAGES), undefined)
    })

    test(`${what}, on the second page`, async (context) => {
      await using registry = await registryWithTags(2)
      registry.fault((request) => LISTS(request) && request.query.has('last'), ALWAYS, play)
      registry.fault(LISTS, 1, endlessOnce())
      const tags = await connect(context, registry).listTags(PAGES)
      assert.ok(tags === undefined, `${[...(tags ?? [])]}`)
    })
  }

  /** A first page that leads to one with `last`. */
  function endlessOnce(): Play {
    const link = `</v2/${PATH}/tags/list?last=b>; rel="next"`
    return () => jsonAnswer(200, { tags: ['a', 'b'] }, { link })
  }

  test('when the next page is on another host, which is not asked', async (context) => {
    await using registry = await registryWithTags()
    const link = `<http://${registry.hostElsewhere}/v2/${PATH}/tags/list>; rel="next"`
    registry.fault(LISTS, 1, () => jsonAnswer(200, { tags: ['a'] }, { link }))
    assert.equal(await connect(context, registry).listTags(PAGES), undefined)
    assert.equal(registry.requests.filter(({ origin }) => origin === 'elsewhere').length, 0)
  })

  test('when it is longer than is worth its pages, or leads in a circle', async (context) => {
    await using registry = await registryWithTags()
    for (let page = 0; page <= PAGES; page++) registry.fault(LISTS, 1, endless(page))
    assert.equal(await connect(context, registry).listTags(PAGES), undefined)
    assert.equal(registry.requests.length, PAGES)
  })

  test('when one page of it is larger than 4 MiB', async (context) => {
    await using registry = await registryWithTags()
    registry.fault(LISTS, ALWAYS, () => jsonAnswer(200, { tags: ['x'.repeat(4 * 1024 * 1024)] }))
    assert.equal(await connect(context, registry).listTags(PAGES), undefined)
  })
})

test('the last page that is worth it may be the last of the list', async (context) => {
  await using registry = await registryWithTags()
  for (let page = 1; page < PAGES; page++) registry.fault(LISTS, 1, endless(page))
  registry.fault(LISTS, 1, () => jsonAnswer(200, { tags: [] }))
  assert.equal((await connect(context, registry).listTags(PAGES))?.size, PAGES - 1)
})

test('a list that fails in passing is asked for again', async (context) => {
  await using registry = await registryWithTags()
  registry.fault(LISTS, 2, { status: 503 })
  registry.fault(LISTS, 1, 'reset in the body')
  assert.deepEqual(await connect(context, registry).listTags(PAGES), new Set(TAGS))
})

test('a registry that does not answer at all is an error', async (context) => {
  await using registry = await registryWithTags()
  registry.fault(LISTS, ALWAYS, 'reset')
  await assert.rejects(connect(context, registry).listTags(PAGES), { kind: 'registry', status: undefined })
})

test('a run that is stopped is not a missing list', async (context) => {
  await using registry = await registryWithTags()
  const stop = new AbortController()
  const reason = new Error('The run was ended')
  registry.fault(LISTS, 1, () => {
    stop.abort(reason)
    return jsonAnswer(403, {})
  })
  const repository = connect(context, registry, { signal: stop.signal })
  await assert.rejects(repository.listTags(PAGES), (error) => error === reason)
})
