import type { LookUp, Variables } from './interpolate.ts'
import { type EnvValue, parseEnvFile } from './parse-env-file.ts'

/** An env file's text, and what messages call it. */
export interface EnvFile {
  readonly file: string
  readonly text: string
}

/** Those of env files behind the ones that are there already, as compose has it; of several files the last one wins. */
export function withEnvFiles(outer: Variables, files: readonly EnvFile[]): LookUp {
  const found = new Map<string, EnvValue>()
  const sofar = (name: string) => outer.lookUp(name) ?? found.get(name)?.((unset) => outer.onUnset(unset))
  for (const { file, text } of files) {
    const values = parseEnvFile(text, file, sofar)
    for (const [name, value] of values) found.set(name, value)
  }
  return sofar
}
