import { asPromotionError, PromotionError } from '../errors.ts'
import { isLayout } from '../oci/layout-name.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import { SMALL_BLOB } from '../oci/small-blob.ts'
import type { BlobTransfer } from '../plan/plan.ts'
import type { BlobUpload, OpenBlob, Registries, UploadAnswer } from '../registry/repository.ts'
import type { BlobOutcome } from './outcome.ts'
import { type Proving, proveBlob } from './prove.ts'
import type { ServerCopy } from './server-copy.ts'
import { SharedStream } from './shared-stream.ts'

/** Called with the number of bytes that a target has taken. */
export type CountBytes = (bytes: number) => void

/** What copying works with. */
export interface Copying extends Proving {
  readonly registries: Registries
  readonly count: CountBytes
  /** Copies in place of this machine. */
  readonly server?: ServerCopy
}

type TransferTarget = BlobTransfer['targets'][number]

/**
 * Brings one blob to every repository that lacks it: mounted where that is possible, the rest sent from one reading of the source, and
 * each proven to be there. A repository that fails does not stop the others; its failure is its outcome.
 */
export async function copyBlob(transfer: BlobTransfer, copying: Copying): Promise<readonly BlobOutcome[]> {
  const lacking = new Set(transfer.targets.map(({ repository }) => formatRepository(repository)))
  const mountsLater = ({ mountFrom }: TransferTarget) =>
    mountFrom !== undefined && lacking.has(formatRepository(mountFrom))
  const one = new BlobCopy(transfer, copying)
  // What mounts from a repository that lacks the blob itself has to wait until that one has it.
  const outcomes = await one.bringTo(transfer.targets.filter((target) => !mountsLater(target)))
  return [...outcomes, ...(await one.bringTo(transfer.targets.filter(mountsLater)))]
}

/** What a target said to the question for the blob. */
interface Answered {
  readonly repository: RepositoryName
  readonly answer: UploadAnswer | PromotionError
  readonly isNamed: boolean
}

/** A layout answers at once: what it has need not be read. */
function isSlowToAnswer({ repository, mountFrom, isNamed }: TransferTarget): boolean {
  return mountFrom === undefined && !isNamed && !isLayout(repository)
}

/** One blob on its way. */
class BlobCopy {
  readonly #transfer: BlobTransfer
  readonly #copying: Copying
  /** All of a small blob, read once. */
  #content: Promise<Uint8Array | PromotionError> | undefined

  constructor(transfer: BlobTransfer, copying: Copying) {
    this.#transfer = transfer
    this.#copying = copying
  }

  async bringTo(targets: readonly TransferTarget[]): Promise<readonly BlobOutcome[]> {
    const { blob } = this.#transfer
    const isRead =
      this.#copying.server === undefined && blob.size <= SMALL_BLOB && targets.some(isSlowToAnswer)
    const asking = targets.map(async ({ repository, mountFrom, isNamed }) => ({
      repository,
      isNamed: isNamed ?? false,
      answer: await this.#ask(repository, mountFrom),
    }))
    // While the targets are asked, the source can be.
    const [answers] = await Promise.all([Promise.all(asking), isRead ? this.#readWhole() : undefined])
    const send = this.#sender(answers.filter(({ answer }) => isUpload(answer)).length)
    return Promise.all(answers.map((answered) => this.#finish(answered, send)))
  }

  async #ask(
    repository: RepositoryName,
    mountFrom: RepositoryName | undefined,
  ): Promise<UploadAnswer | PromotionError> {
    const { registries, server } = this.#copying
    try {
      if (server === undefined)
        return await registries.target(repository).beginUpload(this.#transfer.blob, mountFrom)
      await server.bringBlob(this.#transfer.blob, repository)
      return 'mounted'
    } catch (thrown) {
      return asPromotionError(thrown)
    }
  }

  async #finish(
    { repository, answer, isNamed }: Answered,
    send: (upload: BlobUpload) => Promise<void>,
  ): Promise<BlobOutcome> {
    const { blob } = this.#transfer
    try {
      if (answer instanceof PromotionError) throw answer
      if (isUpload(answer)) {
        await send(answer)
        this.#copying.count(blob.size)
      }
      const { registries, sent, mounted, signal } = this.#copying
      // What the registry had before this run is not read by this machine, unless an interrupted run may have sent it.
      const proof = answer === 'mounted' || (answer === 'present' && isNamed) ? mounted : sent
      await proveBlob(blob, registries.target(repository), proof, signal)
      return { blob, repository, action: isUpload(answer) ? 'sent' : answer }
    } catch (thrown) {
      return { blob, repository, action: 'failed', error: asPromotionError(thrown) }
    }
  }

  /** How this number of uploads gets its bytes: a small blob from memory, a large one from one stream for all of them. */
  #sender(uploads: number): (upload: BlobUpload) => Promise<void> {
    const { blob, source } = this.#transfer
    if (blob.size <= SMALL_BLOB) return (upload) => this.#sendWhole(upload)
    if (uploads === 0) return () => Promise.resolve()
    const from = this.#copying.registries.source(source)
    const shared = new SharedStream(from.fetchBlob(blob))
    const readers = Array.from({ length: uploads }, () => shared.join())
    return async (upload) => {
      const reader = readers.pop()
      const first = reader?.read()
      let opened = false
      const open: OpenBlob = () => {
        if (!opened && first !== undefined) {
          opened = true
          return first
        }
        // An upload that has to be repeated reads on its own: the others are not held up by it.
        reader?.leave()
        return from.fetchBlob(blob)
      }
      try {
        await upload.send(open)
      } finally {
        reader?.leave()
      }
    }
  }

  async #sendWhole(upload: BlobUpload): Promise<void> {
    const content = await this.#readWhole()
    if (!(content instanceof PromotionError)) return await upload.send(content)
    await upload.cancel()
    throw content
  }

  #readWhole(): Promise<Uint8Array | PromotionError> {
    const { blob, source } = this.#transfer
    this.#content ??= this.#copying.registries
      .source(source)
      .readBlob(blob, SMALL_BLOB)
      .catch(asPromotionError)
    return this.#content
  }
}

function isUpload(answer: UploadAnswer | PromotionError): answer is BlobUpload {
  return typeof answer === 'object' && !(answer instanceof PromotionError)
}
