import { PromotionError } from '../errors.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { isTag } from '../oci/reference.ts'
import { splitReference } from '../oci/split-reference.ts'
import { parseYaml, type YamlNode } from '../yaml/yaml.ts'

const ORIGINS = 'kbld.carvel.dev/origins'

/**
 * The tags by which kbld found or pushed an image, from the annotation that says where it came from, in their order and each once. As
 * in kbld itself, what cannot be read there says nothing: the annotation is a note, and no list is refused for it.
 */
export function kbldOriginTags(annotations: Annotations): readonly string[] {
  const text = annotations[ORIGINS]
  const tree = text === undefined ? undefined : readYaml(text)
  const origins = tree?.kind === 'list' ? tree.items : []
  return [...new Set(origins.flatMap(tagsOf))].filter(isTag)
}

function readYaml(text: string): YamlNode | undefined {
  try {
    return parseYaml(text, ORIGINS)
  } catch (error) {
    if (error instanceof PromotionError) return undefined
    throw error
  }
}

/** `resolved` and `preresolved` name what was looked up, `tagged` what was pushed; a tag of `git` is none of the image. */
function tagsOf(origin: YamlNode): readonly string[] {
  const resolved = valueAt(origin, 'resolved')
  const written = [resolved, valueAt(origin, 'preresolved')].map((found) => textOf(valueAt(found, 'url')))
  const tags = valueAt(valueAt(origin, 'tagged'), 'tags')
  return [
    textOf(valueAt(resolved, 'tag')),
    ...written.map((url) => url && splitReference(url).tag),
    ...(tags?.kind === 'list' ? tags.items.map(textOf) : []),
  ].filter((tag) => tag !== undefined)
}

function valueAt(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === 'mapping' ? node.entries.get(key)?.value : undefined
}

/** Text only: without quotes, the tag 1.10 is the number 1.1 to a reader of YAML. */
function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}
