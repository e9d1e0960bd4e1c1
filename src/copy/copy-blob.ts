import { asPromotionError, PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type RepositoryName, sameRepository } from '../oci/reference.ts'
import type { BlobTransfer } from '../plan/plan.ts'
import type { OpenBlob, Registries, SourceRepository, TargetRepository } from '../registry/repository.ts'
import type { BlobOutcome } from './outcome.ts'
import { SharedStream } from './shared-stream.ts'

/** Called with the number of bytes that a target has taken. */
export type CountBytes = (bytes: number) => void

type TransferTarget = BlobTransfer['targets'][number]

/** Blobs up to this many bytes are read into memory as a whole, once; larger ones are streamed. */
const SMALL = 1024 * 1024

/**
 * Brings one blob to every repository that lacks it: mounted where that is possible, the rest sent from one reading of the source. A
 * repository that fails does not stop the others; its failure is its outcome.
 */
export async function copyBlob(
  transfer: BlobTransfer,
  registries: Registries,
  count: CountBytes,
): Promise<readonly BlobOutcome[]> {
  const lacking = transfer.targets.map(({ repository }) => repository)
  const mountsLater = ({ mountFrom }: TransferTarget) =>
    lacking.some((name) => mountFrom && sameRepository(name, mountFrom))
  const first = transfer.targets.filter((target) => !mountsLater(target))
  const later = transfer.targets.filter(mountsLater)
  let content: Promise<Uint8Array | PromotionError> | undefined
  const readWhole = () => {
    content ??= readSmall(registries.source(transfer.source), transfer.blob)
    return content
  }
  const copying = { transfer, registries, count, readWhole }
  // What mounts from a repository that lacks the blob itself has to wait until that one has it.
  const outcomes = await mountOrSend(first, copying)
  return [...outcomes, ...(await mountOrSend(later, copying))]
}

/** One blob on its way. */
interface Copying {
  readonly transfer: BlobTransfer
  readonly registries: Registries
  readonly count: CountBytes
  /** All of a small blob, read once. */
  readonly readWhole: () => Promise<Uint8Array | PromotionError>
}

async function mountOrSend(
  targets: readonly TransferTarget[],
  copying: Copying,
): Promise<readonly BlobOutcome[]> {
  const { transfer, registries } = copying
  const mounted = await Promise.all(targets.map((target) => tryMount(transfer, target, registries)))
  const unmounted = targets
    .filter((_, index) => mounted[index] === undefined)
    .map(({ repository }) => repository)
  const sent = unmounted.length === 0 ? [] : await send(unmounted, copying)
  return [...mounted.filter((outcome) => outcome !== undefined), ...sent]
}

/** Undefined when there is nothing to mount from, or the registry would not. */
async function tryMount(
  { blob }: BlobTransfer,
  { repository, mountFrom }: TransferTarget,
  registries: Registries,
): Promise<BlobOutcome | undefined> {
  if (mountFrom === undefined) return undefined
  try {
    const done = await registries.target(repository).mountBlob(blob, mountFrom)
    return done ? { blob, repository, action: 'mounted' } : undefined
  } catch (thrown) {
    return { blob, repository, action: 'failed', error: asPromotionError(thrown) }
  }
}

async function send(
  repositories: readonly RepositoryName[],
  { transfer, registries, count, readWhole }: Copying,
): Promise<readonly BlobOutcome[]> {
  const { blob, source } = transfer
  if (blob.size <= SMALL) {
    const content = await readWhole()
    return Promise.all(
      repositories.map((repository) => {
        if (content instanceof PromotionError) return { blob, repository, action: 'failed', error: content }
        return pushTo(registries.target(repository), { blob, open: () => once(content), count })
      }),
    )
  }
  const from = registries.source(source)
  const shared = new SharedStream(from.fetchBlob(blob))
  const readers = repositories.map((repository) => ({ repository, reader: shared.join() }))
  return Promise.all(
    readers.map(async ({ repository, reader }) => {
      let opened = false
      const open = () => {
        if (!opened) {
          opened = true
          return reader.read()
        }
        // An upload that has to be repeated reads on its own: the others are not held up by it.
        reader.leave()
        return from.fetchBlob(blob)
      }
      const outcome = await pushTo(registries.target(repository), { blob, open, count })
      reader.leave()
      return outcome
    }),
  )
}

async function readSmall(from: SourceRepository, blob: Descriptor): Promise<Uint8Array | PromotionError> {
  try {
    return await from.readBlob(blob, SMALL)
  } catch (thrown) {
    return asPromotionError(thrown)
  }
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}

interface Push {
  readonly blob: Descriptor
  readonly open: OpenBlob
  readonly count: CountBytes
}

async function pushTo(target: TargetRepository, { blob, open, count }: Push): Promise<BlobOutcome> {
  const repository = target.name
  try {
    await target.pushBlob(blob, open)
    count(blob.size)
    return { blob, repository, action: 'sent' }
  } catch (thrown) {
    return { blob, repository, action: 'failed', error: asPromotionError(thrown) }
  }
}
