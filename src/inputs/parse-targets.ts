import { LAYOUT_PREFIX, layoutIn } from '../oci/layout-name.ts'
import { maskCredentials } from '../oci/mask-credentials.ts'
import { formatRepository } from '../oci/reference.ts'
import { WITH_TARGETS } from './commands-of-inputs.ts'
import type { InputReader } from './input-reader.ts'
import { appliesPlan } from './parse-plan.ts'
import { parseTargetTemplate } from './parse-target-template.ts'
import { pathMeant } from './path-meant.ts'
import type { Command } from './settings.ts'
import { uncompressedName } from './uncompressed-name.ts'

/** Reads the templates of `to`, each of them once; the command `sign` has a use for one only where it signs for a target. */
export function parseTargets(inputs: InputReader, command: Command): readonly string[] {
  if (!WITH_TARGETS.includes(command) || appliesPlan(inputs, command)) return []
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
  const meant = path || pathMeant(text)
  const uncompressed = meant && uncompressedName(meant)
  const shown = maskCredentials(text)
  if (uncompressed) {
    const hint = `Uncompress it, with gunzip for example, and write ${LAYOUT_PREFIX}${maskCredentials(uncompressed)}.`
    inputs.problem(`\`from\` cannot be "${shown}": the archive is compressed`, hint)
  } else if (!path) {
    const how = meant
      ? `${LAYOUT_PREFIX}${maskCredentials(meant)} for an archive or a folder`
      : `${LAYOUT_PREFIX} and a path behind it`
    inputs.problem(`\`from\` cannot be "${shown}"`, `Write ${how}.`)
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
