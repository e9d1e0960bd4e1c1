import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findForeignImports, findForeignPackages, findReExports } from './architecture/import-rules.ts'
import { makeSourceFile, readSourceFiles, type SourceFile } from './architecture/source-file.ts'
import {
  findAbbreviations,
  findDefaultExports,
  findEnvironmentReads,
  findLongFile,
  findModuleMocks,
  findSilencedTests,
  findVagueNames,
} from './architecture/text-rules.ts'

interface Rule {
  readonly name: string
  readonly folders: readonly string[]
  readonly find: (file: SourceFile) => readonly string[]
  /** Path and text of files that break the rule. */
  readonly broken: readonly (readonly [string, string])[]
  /** Path and text of files that look like it and do not. */
  readonly kept: readonly (readonly [string, string])[]
}

const EVERYWHERE = ['src', '__tests__', 'conformance', 'tools', 'examples', 'bench']
const TESTS = ['__tests__', 'conformance']

const RULES: readonly Rule[] = [
  {
    name: 'folders import only what they may',
    folders: ['src'],
    find: findForeignImports,
    broken: [
      ['src/oci/digest.ts', "import type { Manifest } from '../graph/image-graph.ts'"],
      ['src/graph/discover.ts', "import { RemoteRepository } from '../registry/remote-repository.ts'"],
      ['src/copy/copy-images.ts', "import { makePlan } from '../plan/make-plan.ts'"],
      ['src/copy/copy-images.ts', "import { type Plan } from '../plan/plan.ts'"],
      ['src/copy/copy-images.ts', "const step = await import('../plan/make-plan.ts')"],
      ['src/copy/copy-images.ts', "import {\n  one,\n  two,\n} from '../registry/http.ts'"],
      ['src/cosign/run.ts', "import '../sign/signer.ts'"],
      ['src/inputs/settings.ts', "import { main } from '../main.ts'"],
      ['src/errors.ts', "import { digestOf } from './oci/digest.ts'"],
      ['src/attic/old.ts', ''],
    ],
    kept: [
      ['src/oci/digest.ts', "import { PromotionError } from '../errors.ts'"],
      ['src/graph/discover.ts', "import type { SourceRepository } from '../registry/repository.ts'"],
      ['src/copy/copy-images.ts', "import type { Plan } from '../plan/plan.ts'"],
      ['src/commands/promote.ts', "import { copyImages } from '../copy/copy-images.ts'"],
      ['src/main.ts', "import { HttpClient } from './registry/http.ts'"],
    ],
  },
  {
    name: 'every package has its owner',
    folders: ['src'],
    find: findForeignPackages,
    broken: [
      ['src/registry/credentials.ts', "import { request } from 'undici'"],
      ['src/inputs/parse-settings.ts', "import { parse } from 'yaml'"],
      ['src/registry/http.ts', "import type { Bundle } from '@sigstore/bundle'"],
      ['src/sign/native-signer.ts', "import { exec } from '@actions/exec'"],
      ['src/report/action-reporter.ts', "import * as core from '@actions/core'"],
      ['src/oci/digest.ts', "import leftPad from 'left-pad'"],
    ],
    kept: [
      ['src/registry/dispatchers.ts', "import { Agent } from 'undici'"],
      ['src/verify/native-verifier.ts', "const { Verifier } = await import('@sigstore/verify')"],
      ['src/oci/digest.ts', "import { createHash } from 'node:crypto'"],
    ],
  },
  {
    name: 'nothing is exported again: no barrels',
    folders: EVERYWHERE,
    find: findReExports,
    broken: [
      ['src/oci/all.ts', "export * from './digest.ts'"],
      ['src/oci/all.ts', "export type { Digest } from './digest.ts'"],
    ],
    kept: [['src/oci/all.ts', "export const name = 'digest'"]],
  },
  {
    name: 'no file is longer than 300 lines',
    folders: EVERYWHERE,
    find: findLongFile,
    broken: [['src/main.ts', '\n'.repeat(301)]],
    kept: [['src/main.ts', '\n'.repeat(300)]],
  },
  {
    name: 'names say something',
    folders: EVERYWHERE,
    find: findVagueNames,
    broken: [
      ['src/utils/digest.ts', ''],
      ['src/oci/helpers.ts', ''],
      ['__tests__/common.test.ts', ''],
    ],
    kept: [['src/oci/common-name.ts', '']],
  },
  {
    name: 'it is source and target, not src and dst',
    folders: ['src'],
    find: findAbbreviations,
    broken: [
      ['src/copy/copy-blob.ts', 'function copy(src: string, to: string)'],
      ['src/copy/copy-blob.ts', 'const dstRepository = 1'],
    ],
    kept: [['src/copy/copy-blob.ts', "const path = 'src/main.ts' // dst"]],
  },
  {
    name: 'there are no default exports',
    folders: EVERYWHERE,
    find: findDefaultExports,
    broken: [
      ['src/main.ts', 'export default function main() {}'],
      ['src/main.ts', 'export { main as default }'],
    ],
    kept: [['src/main.ts', '// export default']],
  },
  {
    name: 'environment and arguments are read in two files',
    folders: ['src'],
    find: findEnvironmentReads,
    broken: [
      ['src/main.ts', 'const home = process.env.HOME'],
      ['src/main.ts', 'const [, , command] = process.argv'],
      ['src/main.ts', "const home = process['env']"],
      ['src/main.ts', "import { env } from 'node:process'"],
    ],
    kept: [
      ['src/entry-points.ts', 'const home = process.env.HOME'],
      ['src/main.ts', 'process.exitCode = 1'],
    ],
  },
  {
    name: 'no module is mocked',
    folders: TESTS,
    find: findModuleMocks,
    broken: [
      ['__tests__/a.test.ts', "mock.module('undici', {})"],
      ['__tests__/a.test.ts', "vi.mock('undici')"],
    ],
    kept: [['__tests__/a.test.ts', 'mock.timers.enable()']],
  },
  {
    name: 'no test is switched off',
    folders: TESTS,
    find: findSilencedTests,
    broken: [
      ['__tests__/a.test.ts', "test.only('a', () => {})"],
      ['__tests__/a.test.ts', "describe.skip('a', () => {})"],
      ['__tests__/a.test.ts', "test('a', { only: true }, () => {})"],
    ],
    kept: [['__tests__/a.test.ts', 'const position = text.skip']],
  },
]

for (const { name, folders, find, broken, kept } of RULES) {
  describe(name, () => {
    test('everywhere in the code', () => {
      const files = readSourceFiles(folders)
      assert.notEqual(files.length, 0)
      assert.deepEqual(files.flatMap(find), [])
    })

    test('and the rule tells a break from what only looks like one', () => {
      for (const [path, text] of broken) {
        assert.equal(find(makeSourceFile(path, text)).length, 1, `not seen in ${path}: ${text}`)
      }
      for (const [path, text] of kept) assert.deepEqual(find(makeSourceFile(path, text)), [])
    })
  })
}
