import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nextPage } from '../../src/registry/next-page.ts'

const LIST = new URL('https://registry.example/v2/team/app/tags/list?n=1000')

describe('the next page', () => {
  for (const [what, link, next] of [
    ['by its path', '</v2/team/app/tags/list?n=2&last=b>; rel="next"', '/v2/team/app/tags/list?n=2&last=b'],
    ['in full', '<https://registry.example/next>; rel="next"', '/next'],
    ['without quotes', '</next>; rel=next', '/next'],
    ['in other cases of letters', '</next>; REL="Next"', '/next'],
    ['beside other parameters', '</next>; title="more"; rel="next"', '/next'],
    ['behind another relation', '</first>; rel="first", </next>; rel="next"', '/next'],
    ['relative to the list', '<list?last=b>; rel="next"', '/v2/team/app/tags/list?last=b'],
  ] as const) {
    test(`is found ${what}`, () => {
      assert.equal(nextPage(link, LIST)?.href, new URL(next, LIST).href)
    })
  }

  for (const [what, link] of [
    ['without a header', undefined],
    ['in an empty one', ''],
    ['for another relation', '</first>; rel="first"'],
    ['for a relation that only begins like it', '</x>; rel="nextish"'],
    ['in what is no Link', 'next'],
  ] as const) {
    test(`is none ${what}`, () => assert.equal(nextPage(link, LIST), undefined))
  }

  for (const [what, link] of [
    ['another host', '<https://elsewhere.example/v2/x>; rel="next"'],
    ['another port', '<https://registry.example:8443/v2/x>; rel="next"'],
    ['another scheme', '<http://registry.example/v2/x>; rel="next"'],
    ['another host without a scheme', '<//elsewhere.example/v2/x>; rel="next"'],
    ['a URL that is none', '<https://>; rel="next"'],
  ] as const) {
    test(`is refused on ${what}`, () => {
      assert.throws(() => nextPage(link, LIST), {
        kind: 'registry',
        message: /200 with a next page on another host$/,
      })
    })
  }

  test('is looked for in 4,096 characters and no more', () => {
    const link = '</next>; rel="next"'
    assert.ok(nextPage(link.padEnd(4096), LIST))
    assert.throws(() => nextPage(link.padEnd(4097), LIST), /more than 4096 characters/)
  })
})
