import { oneLine } from './one-line.ts'

const HIDDEN = '***'
/** What may be base64, base64url or hex of something. */
const ENCODED = /[A-Za-z0-9+/_-]{12,}={0,2}/g
/** Shorter secrets would be found by chance in what encoded texts are decoded to. */
const SHORTEST = 6
/** Encodings upon each other. */
const DEPTH = 2

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
      .replace(ENCODED, (run) => (this.#isIn(run, DEPTH) ? HIDDEN : run))
  }

  /** Whether a secret shows when this is decoded, from any of its first letters on: what stands before a secret shifts its base64. */
  #isIn(run: string, depth: number): boolean {
    const decoded = [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString())
    if (/^[0-9a-f]+$/i.test(run)) decoded.push(Buffer.from(run, 'hex').toString())
    const secrets = [...this.#forms.keys()].filter((secret) => secret.length >= SHORTEST)
    return decoded.some(
      (text) =>
        secrets.some((secret) => secret.length <= text.length && text.includes(secret)) ||
        (depth > 1 && (text.match(ENCODED) ?? []).some((inner) => this.#isIn(inner, depth - 1))),
    )
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

/** As it is, in JSON and HTML (also as Go writes them), in a URL or a form, and with its line breaks lost. */
function formsOf(secret: string): readonly string[] {
  const whole = secret.toWellFormed()
  const json = JSON.stringify(whole).slice(1, -1)
  const html = whole.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
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
    html.replace(/"/g, '&quot;').replace(/'/g, '&#39;'),
    html.replace(/"/g, '&#34;').replace(/'/g, '&#39;'),
    ...encoded,
    ...encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())),
  ]
  return [...new Set(forms)].filter((form) => form !== '')
}

/** Without its padding, which some leave out. */
function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '')
}
