import { asPromotionError, PromotionError } from '../errors.ts'
import { type AtomicSignature, missingSignatures } from '../oci/atomic-signature.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registries, TargetRepository } from '../registry/repository.ts'
import type { AtomicOutcome, CopyOutcome, CopyOutcomes } from './outcome.ts'

/**
 * Writes GPG signatures one after the other and reads them back; those of manifests that the registry does not know yet are left waiting.
 * Throws a PromotionError of kind `incomplete` where one was taken and is not given back.
 */
export async function putAtomicSignatures(
  signatures: readonly AtomicSignature[],
  repository: TargetRepository,
): Promise<AtomicOutcome> {
  const store = repository.atomicSignatures()
  const put: AtomicSignature[] = []
  const waiting: AtomicSignature[] = []
  for (const signature of signatures) {
    const list = (await store?.put(signature)) ? put : waiting
    list.push(signature)
  }
  for (const subject of new Set(put.map((signature) => signature.subject))) {
    const ours = put.filter((signature) => signature.subject === subject)
    const [lost] = missingSignatures(ours, (await store?.list(subject)) ?? [])
    if (lost !== undefined) throw notGivenBack(lost, repository)
  }
  return { put, waiting }
}

/** Writes what had to wait until tags lead to the images. What is refused even now is the error of its outcome. */
export async function putWaitingSignatures(
  { images }: Plan,
  copied: CopyOutcomes,
  registries: Registries,
): Promise<CopyOutcomes> {
  return await Promise.all(
    copied.map((targets, index) =>
      Promise.all(
        targets.map(async (outcome) => {
          try {
            return await afterTags(outcome, registries)
          } catch (thrown) {
            const error = asPromotionError(thrown).locatedAt(images[index]?.image.location)
            return { ...outcome, error }
          }
        }),
      ),
    ),
  )
}

async function afterTags(outcome: CopyOutcome, registries: Registries): Promise<CopyOutcome> {
  const { repository, atomic } = outcome
  if (atomic === undefined || atomic.waiting.length === 0) return outcome
  const { put, waiting } = await putAtomicSignatures(atomic.waiting, registries.target(repository))
  const [refused] = waiting
  if (refused !== undefined) throw notTaken(refused, repository)
  return { ...outcome, atomic: { put: [...atomic.put, ...put], waiting } }
}

function notTaken({ digest, subject }: AtomicSignature, repository: RepositoryName): PromotionError {
  return new PromotionError(
    'incomplete',
    `${formatRepository(repository)} does not take the GPG signature ${digest} of ${subject}: it does not know that manifest (404)`,
    {
      hint: 'Some registries, such as Pulp, take signatures only of images to which a tag leads: give `tags`, and run again. All else has arrived.',
    },
  )
}

function notGivenBack({ digest, subject }: AtomicSignature, { name }: TargetRepository): PromotionError {
  return new PromotionError(
    'incomplete',
    `${formatRepository(name)} took the GPG signature ${digest} of ${subject} and does not give it back`,
    { hint: 'Run again, and ask the operator of the registry if it stays so.' },
  )
}
