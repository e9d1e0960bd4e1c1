// A registry's port and a path before the last `@` are no credentials, and neither is what stands before a digest.
const CREDENTIALS = /^((?:[a-z][a-z0-9+.-]*:\/\/)?[^:@/]*):(?!\d{1,5}\/[^@]*@[^/]*$).+@(?!sha(?:256|512):)/is

/**
 * A reference or the name of a repository, as it may be quoted: when it begins with `user:password@`, which no name of an image does,
 * the password is replaced by `***`.
 */
export function maskCredentials(text: string): string {
  return text.replace(CREDENTIALS, '$1:***@')
}
