import { runAll } from '../concurrency.ts'
import { movedBefore } from '../copy/move-tags.ts'
import { PromotionError, throwAll } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { AttachedKind } from '../graph/image-graph.ts'
import type { InventoryEntry } from '../graph/inventory.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan, PlannedImage } from '../plan/plan.ts'
import { signedBy } from '../policy/make-demand.ts'
import { signerDigest } from '../policy/policy-digest.ts'
import { inventoryChanges } from '../saved-plan/inventory-changes.ts'
import { replaceTags, settleTags } from '../saved-plan/replace-tags.ts'
import type { SavedImage } from '../saved-plan/saved-plan.ts'
import type { ImageSigner } from '../sign/signer.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import type { Run } from './run.ts'

/** As what each form of a signature hangs on an image. */
const KINDS: Readonly<Record<SignatureForm, AttachedKind>> = { bundle: 'referrer', tag: 'sig' }

const PLAN_AGAIN = 'Nothing was written. Make the plan anew, and have it approved.'

/**
 * The plan as it was looked at now, with the changes of tags that the saved one decided. Throws a PromotionError of kind `outdated` for
 * whatever else than the progress of the targets differs from it: what the source has, who signs, where tags point.
 */
export async function requireAsPlanned(run: Run, saved: readonly SavedImage[], plan: Plan): Promise<Plan> {
  const images = await runAll(plan.images, async (planned, index) => {
    const before = saved[index]
    if (before === undefined) throw new PromotionError('internal', 'The saved plan lacks an image')
    await requireSameTag(run, before, planned)
    await requireSameSigning(run, before, planned)
    await requireSameSource(run, before, planned)
    return replaceTags(before, planned)
  })
  const replaced = { ...plan, images: settleTags(images.map(({ image }) => image)) }
  run.record.plan = replaced
  const problems = images.flatMap((one) => one.problems)
  // Whoever looks into the report finds what a killed run has moved, and can roll it back.
  if (problems.length > 0) run.record.moved = movedBefore(replaced)
  throwAll(problems)
  return replaced
}

/** A tag that was resolved for the plan may mean another image by now. */
async function requireSameTag(
  { services }: Run,
  { tag }: SavedImage,
  { image }: PlannedImage,
): Promise<void> {
  if (tag === undefined) return
  const { repository, digest } = image.reference
  const now = (await services.registries.source(repository).resolve(tag))?.digest
  if (now === digest) return
  throw outdated(
    `${formatReference({ repository, tag })} points at ${now ?? 'nothing'} now, and at ${digest} when the plan was made`,
  )
}

/** Whoever would sign it now has to be whom the plan names, or nobody where it names nobody. */
async function requireSameSigning(
  { services }: Run,
  { signing }: SavedImage,
  planned: PlannedImage,
): Promise<void> {
  const { image, graph } = planned
  const signer = services.signerOf(image)
  if (signer === undefined) {
    if (signing === undefined) return
    throw outdated(`The plan has "${image.written}" signed, and this run signs nothing`)
  }
  const source = services.registries.source(image.reference.repository)
  const missing = await signer.missing(graph, source, image.signedName)
  const unplanned = missing.filter((form) => !signing?.forms.includes(form))
  if (unplanned.length > 0) {
    const forms = signing?.forms.join(' and ') ?? 'no form'
    throw outdated(
      `The plan has "${image.written}" signed in ${forms}, and this run would as ${unplanned.join(' and ')}`,
    )
  }
  if (signing === undefined) return
  if (signerDigest(await signer.identity(), signer.annotations) === signing.signer) return
  throw outdated(`The plan has "${image.written}" signed by another signer, or with other annotations`)
}

async function requireSameSource(run: Run, saved: SavedImage, { image, graph }: PlannedImage): Promise<void> {
  const { gone, come } = inventoryChanges(saved, graph)
  const signer = saved.signing && run.services.signerOf(image)
  const signed = come.filter(({ kind }) => saved.signing?.forms.some((form) => KINDS[form] === kind))
  const others = come.filter((entry) => !signed.includes(entry))
  const foreign =
    signer === undefined ? come : [...others, ...(await notBy(signer, signed, { image, graph }, run))]
  throwAll(
    [
      ...gone.map(
        (entry) =>
          `${formatReference(image.reference)} has lost the ${describe(entry)} since the plan was made`,
      ),
      ...foreign.map(
        (entry) =>
          `${formatReference(image.reference)} has got the ${describe(entry)} since the plan was made`,
      ),
    ].map(outdated),
  )
}

/** What an earlier try to apply the same plan has signed is no change. */
async function notBy(
  signer: ImageSigner,
  come: readonly InventoryEntry[],
  { image, graph }: FoundImage,
  { services }: Run,
): Promise<readonly InventoryEntry[]> {
  if (come.length === 0) return come
  const demand = signedBy(await signer.identity(), signer.annotations)
  const own = new Set<string>()
  const source = services.registries.source(image.reference.repository)
  const subjects = new Set(come.map(({ subject }) => subject))
  for (const root of graph.manifests.values()) {
    if (!subjects.has(root.descriptor.digest)) continue
    const { signatures } = await services.ownVerifier.verify({ ...graph, root }, source, demand)
    for (const { counts, manifest } of signatures) if (counts) own.add(manifest)
  }
  return come.filter(({ digest }) => !own.has(digest))
}

function describe({ kind, digest, subject }: InventoryEntry): string {
  return `${kind} ${digest} of ${subject}`
}

function outdated(message: string): PromotionError {
  return new PromotionError('outdated', message, { hint: PLAN_AGAIN })
}
