import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import type { ImportedModule, SourceFile } from './source-file.ts'

interface Allowance {
  /** Folders of src, files at its top, or any other file by its whole path, whose code may be used. */
  readonly values: readonly string[]
  /** Those of which only types may be used; steps may name the types of everything. */
  readonly types: readonly string[] | 'all'
}

const STEPS = ['sources', 'plan', 'sign', 'verify', 'preflight', 'copy', 'attest', 'report']
/** Files at the top of src that import nothing of ours. */
const FOR_EVERYBODY = ['errors.ts', 'version.ts']
const NOUNS = ['oci', 'graph', 'policy', 'sigstore', 'concurrency.ts']

/** What each folder of src may import besides itself and FOR_EVERYBODY (docs/architecture.md, "Who may import whom"). */
const ALLOWED: Readonly<Record<string, Allowance>> = {
  'errors.ts': { values: [], types: [] },
  'version.ts': { values: ['package.json'], types: [] },
  'concurrency.ts': { values: [], types: [] },
  oci: { values: [], types: [] },
  graph: { values: ['oci', 'concurrency.ts'], types: ['registry', 'sources'] },
  yaml: { values: [], types: [] },
  files: { values: [], types: [] },
  sigstore: { values: ['oci'], types: ['inputs', 'policy'] },
  policy: { values: ['oci', 'yaml', 'files'], types: ['inputs'] },
  registry: { values: ['oci', 'files', 'concurrency.ts', 'src/inputs/secret.ts'], types: ['inputs'] },
  layout: { values: ['oci', 'files', 'src/registry/keyed-lock.ts'], types: ['registry'] },
  cosign: { values: ['oci', 'files'], types: ['inputs'] },
  inputs: {
    values: [
      'oci',
      'policy',
      'src/registry/loopback.ts',
      'src/files/numbered-paths.ts',
      'src/plan/most-shards.ts',
    ],
    types: [],
  },
  imgpkg: { values: ['oci', 'yaml'], types: ['registry'] },
  compose: { values: ['oci', 'yaml', 'files', 'policy'], types: 'all' },
  sources: { values: ['oci', 'yaml', 'files', 'imgpkg', 'concurrency.ts'], types: 'all' },
  plan: { values: [...NOUNS, 'imgpkg'], types: 'all' },
  sign: { values: [...NOUNS, 'cosign'], types: 'all' },
  verify: { values: NOUNS, types: 'all' },
  copy: { values: [...NOUNS, 'imgpkg'], types: 'all' },
  artifactory: { values: ['oci', 'concurrency.ts', 'src/registry/registry-error.ts'], types: 'all' },
  handover: {
    values: ['oci', 'files', 'concurrency.ts', 'src/registry/registry-error.ts'],
    types: ['registry'],
  },
  attest: { values: NOUNS, types: 'all' },
  preflight: { values: [...NOUNS, 'src/registry/registry-error.ts'], types: 'all' },
  report: { values: [...NOUNS, 'files'], types: 'all' },
  'saved-plan': { values: [...NOUNS, 'files'], types: 'all' },
  check: { values: NOUNS, types: 'all' },
  repair: { values: [...NOUNS, 'src/registry/registry-error.ts'], types: 'all' },
  commands: {
    values: [...NOUNS, ...STEPS, 'imgpkg', 'files', 'saved-plan', 'check', 'repair'],
    types: 'all',
  },
}

/** The files that put everything together. */
const COMPOSITION = ['services', 'main.ts', 'entry-points.ts']

/** Who may import a package: a path or, with a slash at its end, a folder; a package that is not here may not be used at all. */
const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  valibot: ['src/files/read-shape.ts', 'src/report/report-schema.ts', 'src/saved-plan/saved-plan.ts'],
  undici: ['src/registry/dispatchers.ts'],
  yaml: ['src/yaml/'],
  re2js: ['src/policy/text-match.ts'],
  minimatch: ['src/policy/match-pattern.ts'],
  'p-map': ['src/'],
  'p-limit': ['src/copy/', 'src/cosign/'],
  glob: ['src/files/'],
  'tar-stream': ['src/imgpkg/', 'src/layout/'],
  '@noble/ciphers': ['src/sign/'],
  '@sigstore/bundle': ['src/sign/', 'src/verify/'],
  '@sigstore/core': ['src/sigstore/', 'src/sign/', 'src/verify/'],
  '@sigstore/sign': ['src/sign/', 'src/verify/'],
  '@sigstore/verify': ['src/sign/', 'src/verify/'],
  '@sigstore/tuf': ['src/sigstore/'],
  '@sigstore/protobuf-specs': ['src/sigstore/', 'src/sign/', 'src/verify/'],
  '@actions/core': ['src/entry-points.ts'],
  '@actions/exec': ['src/cosign/'],
  '@actions/tool-cache': ['src/cosign/'],
}

/** Imports of a file in src that cross the folders' borders, each as a sentence. */
export function findForeignImports(file: SourceFile): readonly string[] {
  const from = partOf(file.path)
  if (COMPOSITION.includes(from)) return []
  const allowance = ALLOWED[from]
  if (allowance === undefined)
    return [`${file.path} is in a part of src that docs/architecture.md does not know`]
  return file.imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter((module) => !isAllowed(module, allowance, from, targetOf(file, module)))
    .map(({ specifier, typeOnly }) => `${file.path} imports ${typeOnly ? 'types' : 'code'} of ${specifier}`)
}

/** Imports of packages by files that do not own them, each as a sentence. */
export function findForeignPackages(file: SourceFile): readonly string[] {
  return file.imports
    .map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .filter((specifier) => !ownersOf(specifier).some((owner) => owns(owner, file.path)))
    .map((specifier) => `${file.path} imports the package ${specifier}`)
}

/** `export … from` statements, each as a sentence: a name has one home. */
export function findReExports(file: SourceFile): readonly string[] {
  return file.imports
    .filter(({ reExport }) => reExport)
    .map(({ specifier }) => `${file.path} exports again what ${specifier} exports`)
}

function isAllowed(module: ImportedModule, allowance: Allowance, from: string, path: string): boolean {
  const to = partOf(path)
  if (to === from || FOR_EVERYBODY.includes(to)) return true
  if (allowance.values.includes(to) || allowance.values.includes(path)) return true
  return module.typeOnly && (allowance.types === 'all' || allowance.types.includes(to))
}

function targetOf(file: SourceFile, { specifier }: ImportedModule): string {
  return posix.join(posix.dirname(file.path), specifier)
}

/** The folder in src that a path lies in, or the file's own name at the top of src; '' outside. */
function partOf(path: string): string {
  const [top, part = ''] = path.split('/')
  return top === 'src' ? part : ''
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier)
}

function ownersOf(specifier: string): readonly string[] {
  const length = specifier.startsWith('@') ? 2 : 1
  return PACKAGE_OWNERS[specifier.split('/').slice(0, length).join('/')] ?? []
}

function owns(owner: string, path: string): boolean {
  return owner.endsWith('/') ? path.startsWith(owner) : path === owner
}
