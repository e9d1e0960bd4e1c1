import { setTimeout as delay } from 'node:timers/promises'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'

type Match = (request: RequestHead) => boolean

/** Milliseconds in which a process on the same machine surely hears of a signal. */
const HEARD = 100

/** The arrival of the first request that matches, which is never answered: the rest of its body is not even read. */
export function hangOn(registry: RegistryServer, match: Match): Promise<void> {
  return new Promise((arrived) => {
    const meets = (request: RequestHead) => {
      const hit = match(request)
      if (hit) arrived()
      return hit
    }
    registry.fault(meets, 1, 'hang')
  })
}

/** A request that a registry takes late. */
export interface Slowed {
  readonly arrived: Promise<void>
  readonly taken: Promise<void>
}

/** The first request that matches is taken only when a signal that is sent at its arrival was heard. */
export function slowDown(registry: RegistryServer, match: Match): Slowed {
  const [arrived, taken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  registry.fault(match, 1, async (_, proceed) => {
    arrived.resolve()
    await delay(HEARD)
    const answer = proceed()
    taken.resolve()
    return answer
  })
  return { arrived: arrived.promise, taken: taken.promise }
}

/** A request that a registry does not take before it is let go. */
export interface Held {
  readonly arrived: Promise<void>
  readonly release: () => void
}

/** Holds the first request that matches. */
export function holdBack(registry: RegistryServer, match: Match): Held {
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  registry.fault(match, 1, async (_, proceed) => {
    arrived.resolve()
    await released.promise
    return proceed()
  })
  return { arrived: arrived.promise, release: released.resolve }
}
