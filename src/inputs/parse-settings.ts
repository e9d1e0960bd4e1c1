import { LISTING } from './commands-of-inputs.ts'
import { InputReader } from './input-reader.ts'
import { parseCopying } from './parse-copying.ts'
import { parseCosign } from './parse-cosign.ts'
import { parseDuration } from './parse-duration.ts'
import { parseOutputPaths } from './parse-output-paths.ts'
import { parseApplying, parseSaving } from './parse-plan.ts'
import { parseRegistrySettings } from './parse-registry-settings.ts'
import { parseListSigning, parseSigning } from './parse-signing.ts'
import { parseSigstore } from './parse-sigstore.ts'
import { parseTags } from './parse-tags.ts'
import { parseFrom, parseTargets } from './parse-targets.ts'
import { parseVerification } from './parse-verification.ts'
import { refuseLayouts } from './refuse-layouts.ts'
import type { Command, ComposeSettings, Deadline, Settings } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

const SOURCES = ['lock', 'bundle', 'images', 'compose', 'from'] as const
const HIGHEST_CONCURRENCY = 128
/** Milliseconds of a week: timers of Node do not reach further than 24 days. */
const LONGEST_DEADLINE = 168 * 3_600_000

/**
 * Checks and normalises raw inputs, named as in the table of definitions; blank means not given. `environment` answers `env://NAME` and
 * COSIGN_PASSWORD. All problems are thrown together, as PromotionErrors of kind `input`; no secret is ever quoted in one.
 */
export function parseSettings(raw: ReadonlyMap<string, string>, environment: Environment): Settings {
  const inputs = new InputReader(raw)
  const command = inputs.choice('command')
  // Which inputs are needed hangs on the command: without one, all that follows would be guesses.
  inputs.throwIfAny()
  inputs.refuseUnused(command)
  const applying = parseApplying(inputs, command)
  if (applying === undefined) requireSource(inputs, command)
  const registries = parseRegistrySettings(inputs)
  const signing = parseSigning(inputs, command, environment)
  const verification = parseVerification(inputs, command, signing, environment)
  const listSigning = parseListSigning(inputs, command, environment)
  const uses = { signing, listSigning, verification, insecure: registries.insecure }
  const to = parseTargets(inputs, command)
  const settings: Settings = {
    command,
    lock: inputs.lines('lock'),
    bundles: inputs.lines('bundle'),
    images: inputs.lines('images'),
    compose: parseCompose(inputs),
    from: parseFrom(inputs),
    to,
    tags: parseTags(inputs),
    existingTags: inputs.choice('existing-tags'),
    imgpkgTags: inputs.choice('imgpkg-tags') === 'true',
    copying: parseCopying(inputs, registries.insecure),
    saving: parseSaving(inputs),
    applying,
    preflight: inputs.choice('preflight'),
    rebuildFallback: inputs.choice('rebuild-fallback') === 'true',
    signing,
    listSigning,
    verification,
    transparency: inputs.choice('transparency'),
    sigstore: parseSigstore(inputs, uses),
    cosign: parseCosign(inputs, uses),
    allowUntrustedTrigger: inputs.choice('allow-untrusted-trigger') === 'true',
    registries,
    readBack: inputs.choice('read-back'),
    concurrency: parseConcurrency(inputs),
    deadline: parseDeadline(inputs),
    ...parseOutputPaths(inputs, command, to.length),
  }
  refuseLayouts(inputs, settings)
  inputs.throwIfAny()
  return settings
}

function requireSource(inputs: InputReader, command: Command): void {
  if (!LISTING.includes(command)) return
  if (SOURCES.some((name) => inputs.isGiven(name))) return
  inputs.problem(
    `The command ${command} needs images, and nothing lists any`,
    `Set ${SOURCES.map((name) => `\`${name}\``).join(' or ')}.`,
  )
}

function parseCompose(inputs: InputReader): ComposeSettings {
  const files = inputs.lines('compose')
  if (files.length === 0) {
    const names = ['compose-profiles', 'compose-env-file'] as const
    inputs.refuseGiven(names, '`compose` names no file', 'Set `compose`')
  }
  return { files, profiles: inputs.lines('compose-profiles'), envFiles: inputs.lines('compose-env-file') }
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
