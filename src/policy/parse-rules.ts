import { PromotionError } from '../errors.ts'
import type { YamlEntry, YamlNode } from '../yaml/yaml.ts'
import type { YamlReader } from '../yaml/yaml-reader.ts'
import { coversPattern } from './covers-pattern.ts'
import type { KnownSigners } from './known-signers.ts'
import { parseAttestations } from './parse-attestations.ts'
import { parseChoice } from './parse-choice.ts'
import type { Demand, PolicyRule } from './policy.ts'
import { requirePattern } from './require-pattern.ts'

const MOST_RULES = 500
const RULE_KEYS = { required: ['repository'], optional: ['signed-by', 'annotations', 'attestations'] }

type Entries = ReadonlyMap<string, YamlEntry>

/** Reads the rules of a policy file, in their order. What is wrong is noted. */
export function parseRules(node: YamlNode, signers: KnownSigners, reader: YamlReader): readonly PolicyRule[] {
  const items = reader.list(node, '"rules"') ?? []
  if (node.kind === 'list' && items.length === 0) {
    reader.problems.add(node.location, '"rules" is empty', 'Add a rule: without one every image is refused.')
  }
  if (items.length > MOST_RULES) {
    const message = `The file has ${items.length} rules, and ${MOST_RULES} is the limit`
    reader.problems.add(node.location, message, 'Let patterns speak of several repositories.')
    return []
  }
  const found: { readonly repository: string; readonly line: number | undefined }[] = []
  return items.flatMap((item) => {
    const entries = reader.mapping(item, 'a rule', RULE_KEYS)
    if (entries === undefined) return []
    const repository = readPattern(entries.get('repository'), found, reader)
    const demand = readDemand(item, entries, signers, reader)
    return repository === undefined || demand === undefined ? [] : [{ repository, demand }]
  })
}

function readPattern(
  entry: YamlEntry | undefined,
  found: { readonly repository: string; readonly line: number | undefined }[],
  reader: YamlReader,
): string | undefined {
  const repository = entry && reader.text(entry.value, '"repository"')
  if (entry === undefined || repository === undefined) return undefined
  const { location } = entry.value
  try {
    requirePattern(repository)
  } catch (error) {
    reader.problems.note(error instanceof PromotionError ? error.locatedAt(location) : error)
    return undefined
  }
  const earlier = found.find((rule) => coversPattern(rule.repository, repository))
  if (earlier !== undefined) {
    const same = earlier.repository === repository ? 'has the same pattern' : `is for "${earlier.repository}"`
    const message = `The rule for "${repository}" is never reached: the one on line ${earlier.line} ${same}`
    reader.problems.add(
      location,
      message,
      'Move it to the front, or remove it: the first rule that matches decides.',
    )
  }
  found.push({ repository, line: location.line })
  return repository
}

function readDemand(
  rule: YamlNode,
  entries: Entries,
  signers: KnownSigners,
  reader: YamlReader,
): Demand | undefined {
  const written = entries.get('signed-by')
  const choice = written && parseChoice(written.value, signers, reader)
  if (choice === 'nobody') {
    refuseBeside(
      entries,
      '`signed-by` is "nobody"',
      'Leave `signed-by` out to demand attestations alone.',
      reader,
    )
    return { by: 'nobody' }
  }
  const attestations = entries.get('attestations')
  if (written === undefined && attestations === undefined) {
    const hint = 'Add `signed-by`, with the name of a signer or "nobody".'
    if (entries.has('repository')) reader.problems.add(rule.location, 'The rule demands nothing', hint)
    return undefined
  }
  if (written === undefined && entries.has('annotations')) {
    const message = '`annotations` are given without `signed-by`'
    reader.problems.add(
      entries.get('annotations')?.location,
      message,
      'Add `signed-by`: signatures state them.',
    )
  }
  return {
    by: 'signers',
    signature: choice,
    requireAnnotations: readAnnotations(entries.get('annotations'), reader),
    attestations:
      attestations === undefined
        ? []
        : parseAttestations(attestations.value, written === undefined ? 'unnamed' : choice, signers, reader),
  }
}

function refuseBeside(entries: Entries, why: string, hint: string, reader: YamlReader): void {
  for (const name of ['annotations', 'attestations']) {
    const entry = entries.get(name)
    if (entry !== undefined) reader.problems.add(entry.location, `\`${name}\` are given, but ${why}`, hint)
  }
}

function readAnnotations(entry: YamlEntry | undefined, reader: YamlReader): Readonly<Record<string, string>> {
  if (entry === undefined) return {}
  const annotations = reader.texts(entry.value, '"annotations"', 'the annotation')
  if (entry.value.kind === 'mapping' && entry.value.entries.size === 0) {
    reader.problems.add(entry.value.location, '"annotations" is empty', 'Add one, or leave it out.')
  }
  return annotations
}
