import { INPUTS } from './definitions.ts'
import type { InputDefinition } from './input-definition.ts'
import { splitLogin } from './split-login.ts'

/** Every text in raw inputs that must not show up in a log: secrets, their words, and the base64 form that Basic auth gives them. */
export function secretsOf(raw: ReadonlyMap<string, string>): readonly string[] {
  const definitions: readonly InputDefinition[] = INPUTS
  return definitions.flatMap(({ name, kind }) => {
    const value = raw.get(name)
    if (value === undefined) return []
    if (kind === 'secret') return [value, ...lines(value)]
    return kind === 'secret-lines' ? lines(value).flatMap(secretsOfLogin) : []
  })
}

function secretsOfLogin(line: string): readonly string[] {
  const login = splitLogin(line)
  if (login === undefined) return []
  const { username, password } = login
  return [
    password,
    Buffer.from(password).toString('base64'),
    Buffer.from(`${username}:${password}`).toString('base64'),
  ]
}

function lines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
