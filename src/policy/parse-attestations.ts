import { PromotionError } from '../errors.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import type { YamlReader } from '../yaml/yaml-reader.ts'
import type { KnownSigners } from './known-signers.ts'
import { parseChoice } from './parse-choice.ts'
import type { RequiredAttestation, SignerChoice } from './policy.ts'
import { parsePredicateType } from './predicate-type.ts'

const ATTESTATION_KEYS = { required: ['predicate-type'], optional: ['signed-by'] }

/** Who signs the attestations that name nobody: the rule's signers, undefined after those were refused, or `unnamed` when it has none. */
export type RuleSigners = SignerChoice | 'unnamed' | undefined

/** Reads the attestations that a rule demands: a predicate type, or one with signers of its own. What is wrong is noted. */
export function parseAttestations(
  node: YamlNode,
  byRule: RuleSigners,
  signers: KnownSigners,
  reader: YamlReader,
): readonly RequiredAttestation[] {
  const items = reader.list(node, '"attestations"') ?? []
  if (node.kind === 'list' && items.length === 0) {
    reader.problems.add(node.location, '"attestations" is empty', 'Add a predicate type, or leave it out.')
  }
  const found: RequiredAttestation[] = []
  for (const item of items) {
    const attestation = readAttestation(item, byRule, signers, reader)
    if (attestation === undefined) continue
    if (found.some((earlier) => isSame(earlier, attestation))) {
      const message = `Attestations of ${attestation.predicateType} by the same signers are demanded twice`
      reader.problems.add(item.location, message, 'Keep one of the two.')
    }
    found.push(attestation)
  }
  return found
}

function readAttestation(
  node: YamlNode,
  byRule: RuleSigners,
  signers: KnownSigners,
  reader: YamlReader,
): RequiredAttestation | undefined {
  const entries =
    node.kind === 'mapping' ? reader.mapping(node, 'an attestation', ATTESTATION_KEYS) : undefined
  const type = entries === undefined ? node : entries.get('predicate-type')?.value
  const predicateType = type && readType(type, reader)
  const signedBy = entries?.get('signed-by')
  const by = signedBy === undefined ? byRule : parseChoice(signedBy.value, signers, reader)
  if (by === 'unnamed') {
    const hint = 'Write it as { predicate-type: …, signed-by: … }, or add `signed-by` to the rule.'
    reader.problems.add(node.location, 'Nothing says who must have signed the attestation', hint)
    return undefined
  }
  if (by === 'nobody') {
    const hint = 'Name a signer: what nobody has signed proves nothing.'
    reader.problems.add(signedBy?.location, 'An attestation cannot be signed by nobody', hint)
    return undefined
  }
  return predicateType === undefined || by === undefined ? undefined : { predicateType, by }
}

function readType(node: YamlNode, reader: YamlReader): string | undefined {
  const text = reader.text(node, 'a predicate type')
  if (text === undefined) return undefined
  try {
    return parsePredicateType(text)
  } catch (error) {
    reader.problems.note(error instanceof PromotionError ? error.locatedAt(node.location) : error)
    return undefined
  }
}

function isSame(one: RequiredAttestation, other: RequiredAttestation): boolean {
  const [ours, theirs] = [one.by.signers, other.by.signers]
  return (
    one.predicateType === other.predicateType &&
    one.by.of === other.by.of &&
    ours.length === theirs.length &&
    ours.every((signer) => theirs.includes(signer))
  )
}
