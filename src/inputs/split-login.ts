/** One line of `registries`, taken apart and not judged. */
export interface LoginLine {
  readonly place: string
  readonly username: string
  /** The rest of the line as it is, blanks included. */
  readonly password: string
}

/** Takes a line `host[/path] username password` apart; `undefined` when it has fewer parts. */
export function splitLogin(line: string): LoginLine | undefined {
  const [, place, username, password] = /^(\S+)\s+(\S+)\s+(\S.*)$/.exec(line) ?? []
  if (place === undefined || username === undefined || password === undefined) return undefined
  return { place, username, password }
}
