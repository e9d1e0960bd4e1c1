import { PromotionError, SeveralErrors } from '../../src/errors.ts'

/** The errors that this throws, each by itself; none when it succeeds. Anything but a PromotionError is thrown on. */
export async function problemsOf(run: () => unknown): Promise<readonly PromotionError[]> {
  try {
    await run()
    return []
  } catch (error) {
    if (!(error instanceof PromotionError)) throw error
    return error instanceof SeveralErrors ? error.errors : [error]
  }
}

/** Where each of them lies, as `line:column`, with its message. */
export function placesOf(problems: readonly PromotionError[]): readonly string[] {
  return problems.map(({ location, message }) => `${location?.line}:${location?.column} ${message}`)
}
