import type { KeyObject } from 'node:crypto'
import { PromotionError } from '../errors.ts'
import { refuseOtherFile } from '../yaml/refuse-other-file.ts'
import { parseYaml, type YamlNode } from '../yaml/yaml.ts'
import { isNothing, YamlReader } from '../yaml/yaml-reader.ts'
import { type KnownSigner, KnownSigners } from './known-signers.ts'
import { parseRules } from './parse-rules.ts'
import { type NamedSigner, parseSigners } from './parse-signers.ts'
import type { VerificationPolicy } from './policy.ts'

/** Loads the public key that is at a place as the policy file writes it. Throws a PromotionError of kind `input`. */
export type LoadKey = (place: string) => Promise<KeyObject>

const VERSION = 1
const POLICY_KEYS = { required: ['version', 'rules'], optional: ['signers'] }

/**
 * Reads a policy file's text (docs/policy.md). Strict: known keys only, every signer described and used, every rule reachable. All
 * problems of the file and of the keys it names are thrown together, as PromotionErrors of kind `input` with their location in `file`.
 */
export async function parsePolicy(text: string, file: string, loadKey: LoadKey): Promise<VerificationPolicy> {
  refuseOtherFile(text, file, 'policy', 'a policy file')
  const tree = parseYaml(text, file)
  const reader = new YamlReader()
  refuseOtherForms(tree, reader)
  const entries = reader.mapping(tree, 'a policy', POLICY_KEYS)
  const written = entries?.get('signers')
  const described = written === undefined ? [] : parseSigners(written.value, reader)
  const known = await loadKeys(described, loadKey, reader)
  const signers = new KnownSigners(known, reader.problems)
  const rulesNode = entries?.get('rules')?.value
  const rules = rulesNode === undefined ? [] : parseRules(rulesNode, signers, reader)
  // Where no rule could be read, all would be called unused.
  if (rules.length > 0) signers.refuseUnused()
  signers.refuseTwins()
  reader.problems.throwIfAny()
  return { rules, file }
}

/** The keys of something else would all be "unknown": what the file is, is looked at first. */
function refuseOtherForms(tree: YamlNode, reader: YamlReader): void {
  if (isNothing(tree)) {
    reader.problems.add(tree.location, 'The file is empty', 'Write "version: 1" and "rules:".')
    reader.problems.throwIfAny()
  }
  const version = reader.anyMapping(tree, 'a policy')?.get('version')?.value
  if (version !== undefined && (version.kind !== 'scalar' || version.value !== VERSION)) {
    const hint = `Write "version: ${VERSION}".`
    reader.problems.add(version.location, `"version" must be the number ${VERSION}`, hint)
  }
  reader.problems.throwIfAny()
}

async function loadKeys(
  described: readonly NamedSigner[],
  loadKey: LoadKey,
  reader: YamlReader,
): Promise<readonly KnownSigner[]> {
  const known: KnownSigner[] = []
  // One after the other: a key of a KMS is asked for through a program that may want its turn at a terminal.
  for (const { name, location, signer } of described) {
    known.push({ name, location, signer: signer && (await loadSigner(signer, loadKey, reader)) })
  }
  return known
}

async function loadSigner(
  written: NonNullable<NamedSigner['signer']>,
  loadKey: LoadKey,
  reader: YamlReader,
): Promise<KnownSigner['signer']> {
  if (written.by === 'certificate') return written
  const { place, location, ...signer } = written
  try {
    return { ...signer, publicKey: await loadKey(place) }
  } catch (error) {
    reader.problems.note(error instanceof PromotionError ? error.locatedAt(location) : error)
    return undefined
  }
}
