import { PromotionError, throwAll } from '../errors.ts'
import { type ChoiceName, type ChoiceValue, INPUTS, type InputName } from './definitions.ts'
import type { InputDefinition } from './input-definition.ts'
import type { Command } from './settings.ts'

/** Reads raw inputs by the table of definitions and gathers what is wrong with them. */
export class InputReader {
  readonly #raw: ReadonlyMap<string, string>
  readonly #problems: PromotionError[] = []

  constructor(raw: ReadonlyMap<string, string>) {
    this.#raw = raw
  }

  /** Notes a problem of kind `input`; neither sentence may hold a secret. */
  problem(message: string, hint: string, cause?: unknown): void {
    this.note(new PromotionError('input', message, { hint, cause }))
  }

  /** Notes a PromotionError that was thrown or made elsewhere; one problem is told once, however many readers meet it. */
  note(error: PromotionError): void {
    if (this.#problems.some(({ message }) => message === error.message)) return
    this.#problems.push(error)
  }

  /** What `read` gives, or `undefined` after noting the PromotionError that it threw. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof PromotionError)) throw error
      this.note(error)
      return undefined
    }
  }

  /** The value without surrounding blanks, or the default. */
  text(name: InputName): string {
    return this.#raw.get(name)?.trim() || definitionOf(name).default
  }

  optional(name: InputName): string | undefined {
    return this.text(name) || undefined
  }

  /** The value as it is, blanks and all; empty when it was not given. */
  verbatim(name: InputName): string {
    return this.#raw.get(name) ?? ''
  }

  /** The lines that hold something, with their numbers from 1. */
  numberedLines(name: InputName): readonly { readonly number: number; readonly line: string }[] {
    return this.verbatim(name)
      .split('\n')
      .map((line, index) => ({ number: index + 1, line: line.trim() }))
      .filter(({ line }) => line !== '')
  }

  lines(name: InputName): readonly string[] {
    return this.numberedLines(name).map(({ line }) => line)
  }

  /** One of the allowed words; another is noted, and the default stands in for it. */
  choice<N extends ChoiceName>(name: N): ChoiceValue<N> {
    const { allowed = [], default: usual } = definitionOf(name)
    const value = this.text(name)
    if (allowed.includes(value)) return value as ChoiceValue<N>
    this.problem(`\`${name}\` cannot be "${value}"`, `Use ${allowed.join(' or ')}.`)
    return usual as ChoiceValue<N>
  }

  /** Whether something else than the default was given: the runner hands over every default as if it were given. */
  isGiven(name: InputName): boolean {
    return this.text(name) !== definitionOf(name).default
  }

  /** Notes each of these inputs that is given: `why` ends the sentence "it is given, but", `instead` is what else could be meant. */
  refuseGiven(names: readonly InputName[], why: string, instead: string): void {
    for (const name of names) {
      if (!this.isGiven(name)) continue
      this.problem(`\`${name}\` is given, but ${why}`, `${instead}, or leave \`${name}\` out.`)
    }
  }

  /** Notes every input that this command has no use for. A secret is left alone: workflows hand them over whatever the command. */
  refuseUnused(command: Command): void {
    const inputs: readonly InputDefinition[] = INPUTS
    const unused = inputs.filter(({ commands, kind }) => !commands.includes(command) && kind !== 'secret')
    for (const { name, commands } of unused) {
      if (!this.isGiven(name as InputName)) continue
      this.problem(
        `\`${name}\` is given, but the command ${command} does not use it`,
        `Leave \`${name}\` out, or use the command ${commands.join(' or ')}.`,
      )
    }
  }

  /** Throws all problems together, when there are any. */
  throwIfAny(): void {
    throwAll(this.#problems)
  }
}

function definitionOf(name: InputName): InputDefinition {
  const definition = INPUTS.find((input) => input.name === name)
  if (definition === undefined) throw new PromotionError('internal', `There is no input "${name}"`)
  return definition
}
