import { isAttachedTag } from '../oci/attached-tag.ts'
import { formatRepository, isTag } from '../oci/reference.ts'
import { InputReader } from './input-reader.ts'
import { parseCosign } from './parse-cosign.ts'
import { parseDuration } from './parse-duration.ts'
import { parseOutputPaths } from './parse-output-paths.ts'
import { parseRegistrySettings } from './parse-registry-settings.ts'
import { parseSigning } from './parse-signing.ts'
import { parseSigstore } from './parse-sigstore.ts'
import { parseTargetTemplate } from './parse-target-template.ts'
import { parseVerification } from './parse-verification.ts'
import type { Command, Deadline, Settings } from './settings.ts'

const HIGHEST_CONCURRENCY = 128
/** Milliseconds of a week: timers of Node do not reach further than 24 days. */
const LONGEST_DEADLINE = 168 * 3_600_000

/**
 * Checks and normalises raw inputs, named as in the table of definitions; blank means not given. `environment` answers `env://NAME` and
 * COSIGN_PASSWORD. All problems are thrown together, as PromotionErrors of kind `input`; no secret is ever quoted in one.
 */
export function parseSettings(
  raw: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const inputs = new InputReader(raw)
  const command = inputs.choice('command')
  // Which inputs are needed hangs on the command: without one, all that follows would be guesses.
  inputs.throwIfAny()
  inputs.refuseUnused(command)
  requireSource(inputs, command)
  const registries = parseRegistrySettings(inputs)
  const signing = parseSigning(inputs, command, environment)
  const verification = parseVerification(inputs, command, signing, environment)
  const uses = { signing, verification, insecure: registries.insecure }
  const to = parseTargets(inputs, command)
  const settings: Settings = {
    command,
    lock: inputs.lines('lock'),
    images: inputs.lines('images'),
    to,
    tags: parseTags(inputs),
    existingTags: inputs.choice('existing-tags'),
    signing,
    verification,
    sigstore: parseSigstore(inputs, uses),
    cosign: parseCosign(inputs, uses),
    allowUntrustedTrigger: inputs.choice('allow-untrusted-trigger') === 'true',
    registries,
    readBack: inputs.choice('read-back'),
    concurrency: parseConcurrency(inputs),
    deadline: parseDeadline(inputs),
    ...parseOutputPaths(inputs, to.length),
  }
  inputs.throwIfAny()
  return settings
}

function requireSource(inputs: InputReader, command: Command): void {
  if (inputs.lines('lock').length > 0 || inputs.lines('images').length > 0) return
  inputs.problem(
    `The command ${command} needs images, and neither \`lock\` nor \`images\` is given`,
    'Set `lock` to the path of an ImagesLock, or `images` to a list of references.',
  )
}

function parseTargets(inputs: InputReader, command: Command): readonly string[] {
  if (command === 'sign' || command === 'verify') return []
  const templates = inputs.lines('to')
  if (templates.length === 0) {
    const hint = 'Set `to` to a repository, such as registry.example.com/prod/{name}.'
    inputs.problem(`The command ${command} needs a target, and \`to\` is not given`, hint)
  }
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
  return templates
}

function parseTags(inputs: InputReader): readonly string[] {
  const tags = inputs.lines('tags')
  for (const [index, tag] of tags.entries()) {
    if (/[{}]/.test(tag)) {
      inputs.problem(`"${tag}" has a placeholder, and \`tags\` takes none yet`, 'Write the tag out in full.')
    } else if (!isTag(tag)) {
      const hint = 'A tag is at most 128 letters, digits, dots, dashes and underscores, one tag a line.'
      inputs.problem(`"${tag}" cannot be a tag`, hint)
    } else if (isAttachedTag(tag)) {
      const hint = 'Signatures and referrers are found by such tags: choose another one for the image.'
      inputs.problem(`"${tag}" is a tag that hangs something on a digest`, hint)
    } else if (tags.indexOf(tag) < index) {
      inputs.problem(`The tag "${tag}" is given twice`, 'Keep one of the two lines.')
    }
  }
  return tags
}

function parseConcurrency(inputs: InputReader): number {
  const text = inputs.text('concurrency')
  const concurrency = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (concurrency < 1 || concurrency > HIGHEST_CONCURRENCY) {
    inputs.problem(
      `\`concurrency\` cannot be "${text}"`,
      `Use a whole number from 1 to ${HIGHEST_CONCURRENCY}.`,
    )
  }
  return concurrency
}

function parseDeadline(inputs: InputReader): Deadline | undefined {
  const text = inputs.optional('deadline')
  if (text === undefined) return undefined
  const milliseconds = parseDuration(text) ?? 0
  if (milliseconds < 1 || milliseconds > LONGEST_DEADLINE) {
    inputs.problem(
      `\`deadline\` cannot be "${text}"`,
      'Use a time such as 90s, 45m, 2h or 1h30m, at most 168h.',
    )
  }
  return { text, milliseconds }
}
