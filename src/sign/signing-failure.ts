import { PromotionError } from '../errors.ts'

/** What was thrown while something was signed, as an error of kind `signing`; one that has its own words keeps them. */
export function signingFailure(thrown: unknown, what: string): PromotionError {
  if (thrown instanceof PromotionError) return thrown
  return new PromotionError('signing', `${what} could not be signed`, {
    cause: thrown,
    hint: 'The key was read but did not sign: check it with cosign sign --key.',
  })
}
