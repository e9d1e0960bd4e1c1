import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { type ComposeDocument, loadCompose } from '../../src/compose/load-compose.ts'
import type { FileLocation } from '../../src/errors.ts'
import { digestOf } from '../../src/oci/digest.ts'
import type { ImagePlace, ListedReference } from '../../src/sources/source.ts'
import { problemsOf } from './problems-of.ts'

/** What is given besides the files. */
export interface ComposeGiven {
  readonly profiles?: readonly string[]
  readonly envFiles?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** A folder in the desk's; the desk's own unless one is given. */
  readonly workingDirectory?: string
}

/** A folder with compose files. */
export class ComposeDesk {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'compose-')))
  readonly warnings: (readonly [message: string, line: number | undefined])[] = []
  readonly notices: string[] = []

  constructor(context: TestContext) {
    context.after(() => rmSync(this.folder, { recursive: true }))
  }

  write(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
    return this
  }

  load(files: readonly string[] = ['compose.yaml'], given: ComposeGiven = {}): Promise<ComposeDocument> {
    const reporter = {
      info: (message: string) => void this.notices.push(message),
      warn: (message: string, location?: FileLocation) => void this.warnings.push([message, location?.line]),
    }
    const workingDirectory = join(this.folder, given.workingDirectory ?? '')
    const sources = { profiles: [], envFiles: [], environment: {}, ...given, files, workingDirectory }
    return loadCompose(sources, reporter)
  }

  /** The images as they are written, variables put in. */
  async images(files?: readonly string[], given?: ComposeGiven): Promise<readonly string[]> {
    return (await this.load(files, given)).listed.map(({ written }) => written)
  }

  /** What is wrong, each as `file:line:column message`. */
  async refusals(files?: readonly string[], given?: ComposeGiven): Promise<readonly string[]> {
    const problems = await problemsOf(() => this.load(files, given))
    return problems.map(({ message, location }) => {
      const { file, line, column } = location ?? {}
      return `${file ?? '-'}:${line ?? '-'}:${column ?? '-'} ${message.replaceAll(this.folder, '')}`
    })
  }
}

/** A place at a target for each image, whose digest comes from how it was written; its own first tag is the tag there. */
export function placeAtTarget({ reference, written, originTags }: ListedReference): ImagePlace {
  const repository = { registry: 'prod.example', path: reference.repository.path }
  return { reference: { repository, digest: digestOf(written) }, tag: originTags[0] }
}
