import { hintOfMachine } from '../errors.ts'
import { isLoopbackHost } from './loopback.ts'
import type { FailedExchange } from './registry-error.ts'
import { tlsFailure } from './tls-failure.ts'

/** Where credentials can come from, for hints. */
export const HOW_TO_LOG_IN =
  'docker login or docker/login-action, or the input `registries`, in a terminal SIGNED_PROMOTE_REGISTRIES'

/** What to do about a failed exchange, in one sentence. */
export function failureHint(exchange: FailedExchange): string {
  const { url, status } = exchange
  switch (status) {
    case undefined:
      return hintWithoutAnswer(exchange)
    case 401:
    case 403:
      return `Log in to ${url.host} with an account that may do this: ${HOW_TO_LOG_IN}.`
    case 404:
      return 'Check the name, and that the credentials may see the repository: many registries hide what they protect.'
    case 413:
      return `${url.host} or a proxy before it limits the size of uploads; raise that limit.`
    case 429:
      return `${url.host} limits the rate; try again later, log in for a higher limit, or lower the concurrency.`
    default:
      return isForGood(status)
        ? hintOfRefusal(exchange)
        : `Run again when ${url.host} is well${whatArrived(exchange)}.`
  }
}

function hintWithoutAnswer(exchange: FailedExchange): string {
  const { url, cause } = exchange
  const ofMachine = hintOfMachine(cause)
  if (ofMachine !== undefined) return ofMachine
  switch (tlsFailure(cause)) {
    case 'no TLS':
      return `It answers without TLS; if that is intended, add ${url.host} to \`insecure-registries\`.`
    case 'certificate':
      return 'Set NODE_EXTRA_CA_CERTS to the file of your CA, or mend the certificate.'
    case undefined:
      return `Check that ${url.host} can be reached from here, and run again${whatArrived(exchange)}.`
  }
}

function hintOfRefusal({ method, url, status, codes = [] }: FailedExchange): string {
  // A registry names its reason; what speaks TLS only does not understand enough to do so.
  if (status === 400 && codes.length === 0 && url.protocol === 'http:' && isLoopbackHost(url.hostname)) {
    return 'This may be a TLS registry: loopback is spoken to in plain HTTP.'
  }
  return isRead(method)
    ? `${url.host} does not allow this: ask whoever runs it.`
    : `${url.host} does not allow this: is the repository read-only?`
}

function isForGood(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408
}

function whatArrived({ method }: FailedExchange): string {
  return isRead(method) ? '' : ': what arrived is not sent twice'
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
