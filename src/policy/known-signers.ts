import { isDeepStrictEqual } from 'node:util'
import type { FileLocation } from '../errors.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'
import type { TrustedSigner } from './trusted-signer.ts'

/** A name of the policy file, and who it is; undefined when what is wrong with the signer was noted. */
export interface KnownSigner {
  readonly name: string
  readonly location: FileLocation
  readonly signer: TrustedSigner | undefined
}

/** The signers of a policy file, by their names. */
export class KnownSigners {
  readonly #signers: ReadonlyMap<string, KnownSigner>
  readonly #problems: SourceProblems
  readonly #used = new Set<string>()

  constructor(signers: readonly KnownSigner[], problems: SourceProblems) {
    this.#signers = new Map(signers.map((known) => [known.name, known]))
    this.#problems = problems
  }

  /** The signer of this name; undefined after what is wrong was noted. */
  find(name: string, location: FileLocation): TrustedSigner | undefined {
    const known = this.#signers.get(name)
    if (known === undefined) {
      const names = [...this.#signers.keys()].join(', ')
      const hint =
        names === '' ? 'Describe it under "signers".' : `Use one of ${names}, or describe it under "signers".`
      this.#problems.add(location, `There is no signer ${JSON.stringify(name)}`, hint)
    }
    this.#used.add(name)
    return known?.signer
  }

  /** Notes signers whom no rule names: they look as if they were required. */
  refuseUnused(): void {
    for (const { name, location } of this.#signers.values()) {
      if (this.#used.has(name)) continue
      const hint = 'Name it in a rule, or remove it.'
      this.#problems.add(location, `No rule names the signer ${JSON.stringify(name)}`, hint)
    }
  }

  /** Notes signers who are one and the same: "all of them" would be satisfied by one. */
  refuseTwins(): void {
    const found: KnownSigner[] = []
    for (const known of this.#signers.values()) {
      const twin = found.find(({ signer }) => signer !== undefined && isSame(signer, known.signer))
      if (twin !== undefined) {
        const message = `The signers ${JSON.stringify(twin.name)} and ${JSON.stringify(known.name)} are the same`
        this.#problems.add(known.location, message, 'Keep one of the two.')
      }
      found.push(known)
    }
  }
}

function isSame(one: TrustedSigner, other: TrustedSigner | undefined): boolean {
  if (one.by === 'key') return other?.by === 'key' && one.publicKey.equals(other.publicKey)
  return other?.by === 'certificate' && isDeepStrictEqual(inWords(one), inWords(other))
}

function inWords({ identity, issuer, workflow }: Extract<TrustedSigner, { by: 'certificate' }>) {
  return [identity.kind, identity.text, issuer.kind, issuer.text, workflow]
}
