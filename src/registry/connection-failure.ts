import { PromotionError } from '../errors.ts'
import { RegistryError } from './registry-error.ts'
import { tlsFailure } from './tls-failure.ts'

/** A failure below HTTP as a RegistryError, transient unless TLS is not to be had; an error of our own passes through. */
export function connectionFailure(method: string, url: URL, cause: unknown): Error {
  if (cause instanceof PromotionError) return cause
  const problem = cause instanceof Error ? cause.message || codeOf(cause) : String(cause)
  return new RegistryError({ method, url, problem, cause, transient: tlsFailure(cause) === undefined })
}

/** Several addresses that all refuse the connection give an error without a message. */
function codeOf(cause: Error): string {
  return 'code' in cause ? String(cause.code) : cause.name
}
