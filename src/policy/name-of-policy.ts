import type { VerificationPolicy } from './policy.ts'

/** How a policy is called: by its file, or as what the inputs say. */
export function nameOfPolicy({ file }: Pick<VerificationPolicy, 'file'>): string {
  return file ?? 'the inputs'
}
