import { pause } from '../concurrency.ts'
import { RegistryError } from './registry-error.ts'

/** How often and how long a failed request is tried again; times in milliseconds. */
export interface RetryPolicy {
  readonly retries: number
  readonly firstDelay: number
  readonly longestDelay: number
  readonly longestRetryAfter: number
}

export const RETRY_POLICY: RetryPolicy = {
  retries: 5,
  firstDelay: 500,
  longestDelay: 30_000,
  longestRetryAfter: 60_000,
}

const TRANSIENT_STATUSES: readonly number[] = [408, 429, 500, 502, 503, 504]

/** Whether a status is about how much is asked of the host. */
export function asksForPatience(status: number): boolean {
  return status === 429 || status === 503
}

export function isTransientStatus(status: number): boolean {
  return TRANSIENT_STATUSES.includes(status)
}

/** Errors after which retries were used up: whoever repeats the larger piece of work does not begin all over again. */
const usedUp = new WeakSet<Error>()

/** Runs `attempt` until it succeeds, fails for good, or the policy's retries are used up; the last error is thrown. */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (!(error instanceof RegistryError) || !error.transient || usedUp.has(error)) throw error
      if (tried >= policy.retries) {
        usedUp.add(error)
        throw error
      }
      await pause(waitBefore(tried, error.retryAfter, policy), signal)
    }
  }
}

/** Reads a Retry-After header, seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now; never negative. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

/** Milliseconds before the next attempt: what the registry asked for, or twice as long each time, with a share of chance. */
export function waitBefore(tried: number, retryAfter: number | undefined, policy: RetryPolicy): number {
  const backoff = Math.min(policy.longestDelay, policy.firstDelay * 2 ** tried)
  const jittered = backoff * (0.5 + Math.random() / 2)
  return retryAfter === undefined
    ? jittered
    : Math.max(Math.min(retryAfter, policy.longestRetryAfter), jittered / 4)
}
