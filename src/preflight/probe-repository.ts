import { randomUUID } from 'node:crypto'
import { pause } from '../concurrency.ts'
import { asPromotionError, PromotionError } from '../errors.ts'
import { fallbackTag } from '../oci/attached-tag.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import type { TargetRepository } from '../registry/repository.ts'
import { describeKind, kindsOf, type ManifestKind } from './manifest-kind.ts'
import type { PreflightFinding, ProbeAnswer, ProbedKind, ProbeFacts } from './preflight-finding.ts'
import { makeProbe, type ProbeArtifact } from './probe-artifact.ts'
import { ProbeSession, type Tidied } from './probe-session.ts'
import type { WrittenTarget } from './written-targets.ts'

/** How the tag of a probe begins, by which one can be found that a killed run has left. */
const PROBE_TAG = 'signed-promote-probe-'
/** Kinds of manifests that are tried in a repository. */
const MOST_KINDS = 16
/** Milliseconds after which a registry is asked for a referrer once more. */
const LISTING_PAUSE = 2000

/** What a probe found out, to be joined with the rest, and what ended it early. */
export type ProbeFinding = Omit<PreflightFinding, 'facts'> & {
  readonly probe: ProbeFacts
  readonly ended: PromotionError | undefined
}

/**
 * Pushes an artifact of each kind that a plan would push to a repository, moves a tag of its own and lists a referrer, as far as the plan would
 * do the same, and deletes all of it again, also where the end of the run ends the probe. `tidying` is the repository where it ends nothing.
 */
export async function probeRepository(
  target: WrittenTarget,
  repository: TargetRepository,
  tidying: TargetRepository,
  listingPause = LISTING_PAUSE,
): Promise<ProbeFinding> {
  const session = new ProbeSession(repository)
  const probe = new RepositoryProbe(target, repository, session, listingPause)
  let ended: PromotionError | undefined
  try {
    await probe.run()
  } catch (thrown) {
    ended = asPromotionError(thrown)
  }
  return { ...probe.finding(await session.tidy(tidying)), ended }
}

class RepositoryProbe {
  readonly #target: WrittenTarget
  readonly #repository: TargetRepository
  readonly #session: ProbeSession
  readonly #listingPause: number
  readonly #name = `${PROBE_TAG}${randomUUID()}`
  readonly #kinds: ProbedKind[] = []
  readonly #errors: PromotionError[] = []
  #tagged = false
  #moves: ProbeAnswer = 'not tried'
  #lists: ProbeAnswer = 'not tried'

  constructor(
    target: WrittenTarget,
    repository: TargetRepository,
    session: ProbeSession,
    listingPause: number,
  ) {
    this.#target = target
    this.#repository = repository
    this.#session = session
    this.#listingPause = listingPause
  }

  async run(): Promise<void> {
    const { manifests, tags, referrers } = this.#target
    const kinds = kindsOf(manifests)
    const { base, probes } = this.#makeProbes(kinds.slice(0, MOST_KINDS))
    const taken: ProbeArtifact[] = []
    for (const probe of probes) if (await this.#tryKind(probe)) taken.push(probe)
    for (const kind of kinds.slice(MOST_KINDS))
      this.#kinds.push({ kind: describeKind(kind), taken: 'not tried' })
    const plain = taken.find(({ kind }) => !kind.hasSubject) ?? base
    if (tags.length > 0 && plain !== undefined) await this.#tryTags(plain)
    const referrer = taken.find(({ kind }) => kind.hasSubject)
    if (referrers.length > 0 && referrer !== undefined) await this.#tryListing(referrer.manifest)
  }

  finding({ removesTags, left }: Tidied): Omit<ProbeFinding, 'ended'> {
    const where = formatRepository(this.#repository.name)
    const remove = !this.#tagged ? 'not tried' : removesTags ? 'yes' : 'no'
    const makesTags = this.#target.tags.some(({ action }) => action === 'create')
    return {
      probe: { mediaTypes: this.#kinds, tags: { move: this.#moves, remove }, lists: this.#lists, left },
      errors: this.#errors,
      warnings: [
        ...(remove === 'no' && makesTags
          ? [`${where} lets no tag be deleted: a failure among the tags would leave those that are new`]
          : []),
        ...(left.length > 0
          ? [`${where} keeps what the probe has pushed; delete it there: ${left.join(', ')}`]
          : []),
      ],
    }
  }

  /** Images first, which indexes may list; what has a subject hangs on the first of all. */
  #makeProbes(kinds: readonly ManifestKind[]): {
    readonly base: ProbeArtifact | undefined
    readonly probes: readonly ProbeArtifact[]
  } {
    const name = this.#name
    const plain = kinds.filter(({ hasSubject }) => !hasSubject)
    const others = plain.filter(isImage).map((kind) => makeProbe(kind, { name }))
    const indexes = plain.filter((kind) => !isImage(kind)).map((kind) => makeProbe(kind, { name, others }))
    const [first] = kinds
    const base = others[0] ?? indexes[0] ?? (first && makeProbe({ ...first, hasSubject: false }, { name }))
    const hanging = kinds
      .filter(({ hasSubject }) => hasSubject)
      .map((kind) => makeProbe(kind, { name, others, ...(base && { subject: base.manifest }) }))
    return { base, probes: [...others, ...indexes, ...hanging] }
  }

  async #tryKind(probe: ProbeArtifact): Promise<boolean> {
    const refusal = await this.#session.push(probe)
    const kind = describeKind(probe.kind)
    this.#kinds.push({ kind, taken: refusal === undefined ? 'yes' : 'no' })
    if (refusal === undefined) return true
    const where = formatRepository(this.#repository.name)
    this.#fail(refusal, `${where} does not take what the plan would push, ${kind}`)
    return false
  }

  async #tryTags(first: ProbeArtifact): Promise<void> {
    const second = makeProbe(first.kind, { name: `${this.#name} again` })
    const [changed] = this.#target.tags
    const refusal =
      (await this.#session.push(first)) ??
      (await this.#session.push(second)) ??
      (await this.#session.tag(this.#name, first))
    if (refusal !== undefined) return this.#fail(refusal, `${this.#placeOf(changed?.tag)} cannot be made`)
    this.#tagged = true
    const immutable = await this.#session.tag(this.#name, second)
    this.#moves = immutable === undefined ? 'yes' : 'no'
    const moved = this.#target.tags.find(({ action }) => action === 'move')
    if (immutable !== undefined && moved !== undefined)
      this.#fail(immutable, `${this.#placeOf(moved.tag)} cannot be moved`)
  }

  async #tryListing(referrer: Manifest): Promise<void> {
    const { subject, descriptor } = referrer
    if (subject === undefined) return
    // Said before it is written: an interruption may come right after.
    this.#session.expect(fallbackTag(subject.digest))
    const refusal = await this.#session.attempt(async () => {
      await this.#repository.listAsReferrer(referrer)
      const isListed = async () =>
        (await this.#repository.listReferrers(subject.digest)).some(
          ({ digest }) => digest === descriptor.digest,
        )
      if (await isListed()) this.#lists = 'yes'
      else {
        await pause(this.#listingPause, undefined)
        this.#lists = (await isListed()) ? 'yes' : 'no'
      }
    })
    const where = formatRepository(this.#repository.name)
    if (refusal !== undefined) this.#fail(refusal, `${where} does not let referrers be listed`)
    else if (this.#lists === 'no') this.#errors.push(notListed(where))
  }

  #fail(cause: PromotionError, what: string): void {
    this.#errors.push(
      new PromotionError(cause.kind, `${what}: ${cause.message}`, {
        cause,
        ...(cause.hint !== undefined && { hint: cause.hint }),
      }),
    )
  }

  #placeOf(tag = this.#name): string {
    return formatReference({ repository: this.#repository.name, tag })
  }
}

function isImage({ config }: ManifestKind): boolean {
  return config !== undefined
}

function notListed(where: string): PromotionError {
  return new PromotionError('registry', `${where} took a referrer and does not list it`, {
    hint: 'Signatures that are written as referrers would not be found there: ask the operator of the registry.',
  })
}
