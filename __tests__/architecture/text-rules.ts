import type { SourceFile } from './source-file.ts'

const LONGEST_FILE = 300
const VAGUE_NAME = /^(?:utils?|helpers?|common|misc|shared|index)$/
const ENVIRONMENT_OWNERS = ['src/entry-points.ts', 'src/registry/credentials.ts']

/** A file with more lines than anyone wants to read, as a sentence. */
export function findLongFile(file: SourceFile): readonly string[] {
  const lines = file.text.split('\n').length - 1
  return lines > LONGEST_FILE ? [`${file.path} has ${lines} lines, more than ${LONGEST_FILE}`] : []
}

/** Folders and files whose names say nothing, each as a sentence. */
export function findVagueNames(file: SourceFile): readonly string[] {
  const names = file.path.split('/').map((name) => name.replace(/(?:\.test)?\.ts$/, ''))
  return names.filter((name) => VAGUE_NAME.test(name)).map((name) => `${file.path}: "${name}" says nothing`)
}

/** `src` and `dst` as words of the code, where the house says source and target. */
export function findAbbreviations(file: SourceFile): readonly string[] {
  return findInCode(file, /\b(?:src|dst)(?:[A-Z]\w*)?\b/g)
}

export function findDefaultExports(file: SourceFile): readonly string[] {
  return findInCode(file, /\bexport\s+default\b|\bas\s+default\b/g)
}

/** Reads of the environment or the arguments outside the files that own them. */
export function findEnvironmentReads(file: SourceFile): readonly string[] {
  if (ENVIRONMENT_OWNERS.includes(file.path)) return []
  const imported = file.imports.filter(({ specifier }) => /^(?:node:)?process$/.test(specifier))
  return [
    ...findInCode(file, /\bprocess\s*(?:\?\.|\.)\s*(?:env|argv|argv0|execArgv)\b|\bprocess\s*\[/g),
    ...imported.map(({ specifier }) => `${file.path}: ${specifier}`),
  ]
}

/** Tests that replace a module by a mock. */
export function findModuleMocks(file: SourceFile): readonly string[] {
  return findInCode(file, /\bmock\.module\b|\b(?:vi|jest)\.(?:mock|doMock)\b/g)
}

/** Tests that are switched off, or that switch the others off. */
export function findSilencedTests(file: SourceFile): readonly string[] {
  return findInCode(file, /\b(?:test|it|describe|suite)\s*\.\s*(?:only|skip|todo)\b|\bonly\s*:\s*true\b/g)
}

function findInCode(file: SourceFile, pattern: RegExp): readonly string[] {
  return [...file.code.matchAll(pattern)].map(([found]) => `${file.path}: ${found}`)
}
