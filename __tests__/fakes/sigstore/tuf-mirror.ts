// Its parts and not its whole: that one loads nock, which takes over every HTTP request of the process.
import { tufHandlers } from '@tufjs/repo-mock/dist/handler.js'
import { initializeTUFRepo, type TUFRepo } from '@tufjs/repo-mock/dist/repo.js'
import { type Answer, answer } from '../registry-exchange.ts'
import { ServiceError, type SigstoreRequest } from './sigstore-request.ts'

/** A mirror of a TUF repository with these files as its targets (The Update Framework, version 1.0). */
export class TufMirror {
  /** The root.json that a client starts from. */
  readonly root: string
  readonly #answers: ReadonlyMap<string, () => Answer>

  constructor(targets: Readonly<Record<string, string>>) {
    const repository = makeRepository(Object.entries(targets).map(([name, content]) => ({ name, content })))
    this.root = JSON.stringify(repository.rootMeta.toJSON())
    const handlers = tufHandlers(repository, { metadataPathPrefix: '' })
    this.#answers = new Map(
      handlers.map(({ path, fn }) => [
        path,
        () => {
          const { statusCode, response, contentType } = fn()
          return answer(statusCode, { 'content-type': contentType ?? 'application/octet-stream' }, response)
        },
      ]),
    )
  }

  answer({ path }: SigstoreRequest): Answer {
    const found = this.#answers.get(path)
    if (found === undefined) throw new ServiceError(404, `${path} does not exist`)
    return found()
  }
}

/** Clients in Go leave out zeros at the end of a time before they check the signature over it: there must be none. */
function makeRepository(targets: Parameters<typeof initializeTUFRepo>[0]): TUFRepo {
  for (;;) {
    const repository = initializeTUFRepo(targets)
    const { rootMeta, timestampMeta, snapshotMeta, targetsMeta } = repository
    const metadata = [rootMeta, timestampMeta, snapshotMeta, targetsMeta]
    if (!metadata.some(({ signed }) => signed.expires.endsWith('0Z'))) return repository
  }
}
