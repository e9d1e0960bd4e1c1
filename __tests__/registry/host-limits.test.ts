import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostLimits, type Place } from '../../src/registry/host-limits.ts'

const OWNER = {}

function enter(limits: HostLimits, host: string): Place {
  const place = limits.enter(host, OWNER)
  assert.ok(!(place instanceof Promise), 'there is a place')
  return place
}

function still(now: { at: number }) {
  return { now: () => now.at, later: () => () => undefined }
}

test('each host has its own limit, and a place that is given back twice counts once', async () => {
  const limits = new HostLimits(1)
  const place = enter(limits, 'a.example')
  assert.ok(limits.enter('a.example', OWNER) instanceof Promise)
  enter(limits, 'b.example').leave()
  place.leave()
  place.leave()
  assert.ok(limits.enter('a.example', OWNER) instanceof Promise, 'the one who waited has it now')
})

test('tells of a wait once in ten seconds for each host, however many requests were refused', () => {
  const told: unknown[] = []
  const now = { at: 0 }
  const limits = new HostLimits(64, (...wait) => told.push(wait), still(now))
  const places = Array.from({ length: 3 }, () => enter(limits, 'a.example'))
  const other = enter(limits, 'b.example')
  for (const place of places) place.answered(20)
  other.answered(30)
  assert.deepEqual(told, [
    ['a.example', 20, 32],
    ['b.example', 30, 32],
  ])
  now.at = 9999
  enter(limits, 'a.example').answered(20)
  assert.equal(told.length, 2)
  now.at = 10_100
  enter(limits, 'a.example').answered(20)
  assert.deepEqual(told.at(-1), ['a.example', 20, 8])
})

test('says nothing where there is nothing to wait for', () => {
  const limits = new HostLimits(64, () => assert.fail('told'))
  enter(limits, 'a.example').answered(0)
  enter(limits, 'a.example').answered(undefined)
})
