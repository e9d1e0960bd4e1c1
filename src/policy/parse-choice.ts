import type { YamlNode } from '../yaml/yaml.ts'
import type { YamlReader } from '../yaml/yaml-reader.ts'
import type { KnownSigners } from './known-signers.ts'
import { NOBODY } from './parse-signers.ts'
import type { SignerChoice } from './policy.ts'

const CHOICE_KEYS = { required: [], optional: ['any', 'all'] }

/** Reads `signed-by`: a name, `{any: […]}`, `{all: […]}` or "nobody"; undefined after what is wrong was noted. */
export function parseChoice(
  node: YamlNode,
  signers: KnownSigners,
  reader: YamlReader,
): SignerChoice | typeof NOBODY | undefined {
  if (node.kind !== 'mapping') {
    const name = reader.text(node, '`signed-by`')
    if (name === NOBODY) return NOBODY
    const signer = name === undefined ? undefined : signers.find(name, node.location)
    return signer && { of: 'any', signers: [signer] }
  }
  const entries = reader.mapping(node, '`signed-by`', CHOICE_KEYS)
  const [any, all] = [entries?.get('any'), entries?.get('all')]
  const list = any ?? all
  if (list === undefined || (any !== undefined && all !== undefined)) {
    const hint = 'Write a name, or one of any: [names] and all: [names].'
    reader.problems.add(node.location, '`signed-by` needs either `any` or `all`', hint)
    return undefined
  }
  const of = any === undefined ? 'all' : 'any'
  return parseNames(list.value, of, signers, reader)
}

function parseNames(
  node: YamlNode,
  of: SignerChoice['of'],
  signers: KnownSigners,
  reader: YamlReader,
): SignerChoice | undefined {
  const items = reader.list(node, `\`${of}\``)
  if (items === undefined) return undefined
  if (items.length === 0) reader.problems.add(node.location, `\`${of}\` is empty`, 'Name a signer.')
  const names = new Set<string>()
  const found = items.flatMap((item) => {
    const name = reader.text(item, `a name in \`${of}\``)
    if (name === undefined) return []
    if (names.has(name)) {
      reader.problems.add(item.location, `${JSON.stringify(name)} is named twice`, 'Keep one of the two.')
    }
    names.add(name)
    return signers.find(name, item.location) ?? []
  })
  return { of, signers: found }
}
