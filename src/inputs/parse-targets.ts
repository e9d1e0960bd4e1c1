import { LAYOUT_PREFIX, layoutIn } from '../oci/layout-name.ts'
import { formatRepository } from '../oci/reference.ts'
import type { InputReader } from './input-reader.ts'
import { parseTargetTemplate } from './parse-target-template.ts'
import type { Command } from './settings.ts'

/** Reads the templates of `to`, each of them once; the command `sign` has a use for one only where it signs for a target. */
export function parseTargets(inputs: InputReader, command: Command): readonly string[] {
  if (command === 'verify') return []
  const templates = inputs.lines('to')
  const signsForTarget = inputs.choice('sign-identity') === 'target'
  if (command === 'sign' && !signsForTarget) {
    inputs.refuseGiven(['to'], 'the command sign copies nothing', 'Set `sign-identity` to "target"')
    return []
  }
  if (templates.length === 0) {
    const hint = 'Set `to` to a repository, such as registry.example.com/prod/{name}.'
    inputs.problem(`The command ${command} needs a target, and \`to\` is not given`, hint)
  } else if (templates.length > 1 && signsForTarget) {
    const message = `\`sign-identity\` is "target", and \`to\` names ${templates.length} of them`
    inputs.problem(message, 'Promote to one target at a time: a signature names one repository.')
  }
  refuseRepetitions(inputs, templates)
  return templates
}

/** Reads the path of the layout in `from`. */
export function parseFrom(inputs: InputReader): string | undefined {
  const text = inputs.optional('from')
  if (text === undefined) return undefined
  const path = layoutIn(text)
  if (!path) {
    inputs.problem(`\`from\` cannot be "${text}"`, `Write ${LAYOUT_PREFIX} and a path behind it.`)
  }
  return path
}

function refuseRepetitions(inputs: InputReader, templates: readonly string[]): void {
  const found = new Map<string, string>()
  for (const template of templates) {
    const sample = inputs.attempt(() => parseTargetTemplate(template))
    if (sample === undefined) continue
    const name = formatRepository(sample)
    const earlier = found.get(name)
    if (earlier === undefined) {
      found.set(name, template)
    } else {
      const how = earlier === template ? '' : `, also as "${earlier}"`
      inputs.problem(`The target "${template}" is given twice${how}`, 'Keep one of the two lines.')
    }
  }
}
