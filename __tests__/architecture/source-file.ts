import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A TypeScript file of this repository, as the architecture rules see it. */
export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  /** The text without comments and without the insides of strings. */
  readonly code: string
  readonly imports: readonly ImportedModule[]
}

export interface ImportedModule {
  /** As written between the quotes. */
  readonly specifier: string
  /** `import type` and `export type`, which leave nothing behind when the program runs. */
  readonly typeOnly: boolean
  /** `export … from`. */
  readonly reExport: boolean
}

const ROOT = resolve(import.meta.dirname, '../..')
const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
const STATIC_IMPORT =
  /^\s*(?<verb>import|export)\s+(?<type>type\s+)?(?:[\w$*{}\s,]+?\sfrom\s+)?'(?<specifier>[^']+)'/gm
const DYNAMIC_IMPORT = /\bimport\(\s*'(?<specifier>[^']+)'/g

/** Every TypeScript file in the given folders. */
export function readSourceFiles(folders: readonly string[]): readonly SourceFile[] {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT },
  )
  return paths.sort().map((path) => makeSourceFile(path, readFileSync(resolve(ROOT, path), 'utf8')))
}

/** A file from its text: the rules can so be tried on files that break them. */
export function makeSourceFile(path: string, text: string): SourceFile {
  return { path, text, code: stripText(text), imports: readImports(text) }
}

function stripText(text: string): string {
  return text.replace(COMMENT_OR_STRING, (found) => (found.startsWith('/') ? ' ' : "''"))
}

function readImports(text: string): readonly ImportedModule[] {
  const fixed = [...text.matchAll(STATIC_IMPORT)].map(({ groups = {} }) => ({
    specifier: groups.specifier ?? '',
    typeOnly: groups.type !== undefined,
    reExport: groups.verb === 'export',
  }))
  const dynamic = [...text.matchAll(DYNAMIC_IMPORT)].map(({ groups = {} }) => ({
    specifier: groups.specifier ?? '',
    typeOnly: false,
    reExport: false,
  }))
  return [...fixed, ...dynamic]
}
