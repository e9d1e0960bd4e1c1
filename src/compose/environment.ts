import { PromotionError } from '../errors.ts'
import type { LookUp, Variables } from './interpolate.ts'
import { type EnvValue, parseEnvFile } from './parse-env-file.ts'

/** By these names a runner's environment holds secrets. */
const SECRET =
  /TOKEN|PASSW|PASSPHRASE|SECRET|CREDENTIAL|(?:PRIVATE|ACCESS|API)_KEY|^(?:ACTIONS|INPUT|SIGNED_PROMOTE)_/i

/** An env file's text, and what messages call it. */
export interface EnvFile {
  readonly file: string
  readonly text: string
}

/**
 * The variables of the process as compose files may have them. One that holds a secret by its name is refused with a PromotionError of kind
 * `input`: a file from elsewhere could send it to a registry of its choice, as part of an image's name.
 */
export function processVariables(environment: Readonly<Record<string, string | undefined>>): LookUp {
  return (name) => {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (value === undefined || !SECRET.test(name)) return value
    const message = `The variable ${name} is a secret by its name, and is not given to compose files`
    throw new PromotionError('input', message, {
      hint: 'If it is none, give its value under another name, or in a file that `compose-env-file` names.',
    })
  }
}

/** Those of env files behind the ones that are there already, as compose has it; of several files the last one wins. */
export function withEnvFiles(outer: Variables, files: readonly EnvFile[]): LookUp {
  const found = new Map<string, EnvValue>()
  const sofar = (name: string) => outer.lookUp(name) ?? found.get(name)?.()
  for (const { file, text } of files) {
    const values = parseEnvFile(text, file, { lookUp: sofar, onUnset: (name) => outer.onUnset(name) })
    for (const [name, value] of values) found.set(name, value)
  }
  return sofar
}
