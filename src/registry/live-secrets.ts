import { oneLine } from './one-line.ts'

const HIDDEN = '***'

/** The secrets that were used so far: some registries and proxies repeat what they were sent, and it must not come out in a text. */
export class LiveSecrets {
  /** What is looked for, by what it was made of. */
  readonly #forms = new Map<string, readonly string[]>()

  /** A password with its user name: also in the base64 form that Basic auth gives them (RFC 7617, section 2). */
  addLogin(username: string, password: string): void {
    if (password === '') return
    this.add(password)
    this.add(base64(password))
    this.add(base64(`${username}:${password}`))
  }

  /** A token, or any other secret text. */
  add(secret: string): void {
    if (!this.#forms.has(secret)) this.#forms.set(secret, formsOf(secret))
  }

  /** The text with every secret in it replaced, however it is escaped. */
  redact(text: string): string {
    // The longest first: one secret may be a part of another.
    const forms = [...this.#forms.values()].flat().filter((form) => text.includes(form))
    return forms
      .toSorted((one, other) => other.length - one.length)
      .reduce((left, form) => left.replaceAll(form, HIDDEN), text)
  }

  /** The same error, with the secrets taken out of its message and those of its causes. */
  clean(thrown: unknown): unknown {
    const seen = new Set<unknown>()
    for (let error = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
      seen.add(error)
      const message = this.redact(error.message)
      // Only where it has to be: the message of some errors cannot be written.
      if (message !== error.message) error.message = message
      const stack = this.redact(error.stack ?? '')
      if (stack !== (error.stack ?? '')) error.stack = stack
    }
    return thrown
  }
}

/** As it is, in JSON (also as Go writes it), in a URL or a form, and with its line breaks lost. */
function formsOf(secret: string): readonly string[] {
  const whole = secret.toWellFormed()
  const json = JSON.stringify(whole).slice(1, -1)
  const encoded = [
    encodeURIComponent(whole),
    encodeURI(whole),
    String(new URLSearchParams({ s: whole })).slice(2),
  ]
  const forms = [
    secret,
    oneLine(secret),
    json,
    json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
    ...encoded,
    ...encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())),
  ]
  return [...new Set(forms)].filter((form) => form !== '')
}

/** Without its padding, which some leave out. */
function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '')
}
