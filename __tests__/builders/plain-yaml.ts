import type { YamlNode } from '../../src/yaml/yaml.ts'

/** A YAML tree as plain data, without its places. */
export function plainYaml(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainYaml)
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plainYaml(value)]))
}
