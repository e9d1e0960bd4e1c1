/** A secret of a test, and what it is called when it is found where it must not be. */
export interface PlantedSecret {
  readonly name: string
  readonly value: string
}

type View = (text: string) => string

/** Shorter ones would be found by chance. */
const SHORTEST = 8
/** So much of a secret is one as well: texts are cut off. */
const BEGINNING = 12
const GROUP = 3
const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** Ways in which a text may have been escaped, each undone. */
const VIEWS: Readonly<Record<string, View>> = {
  'in JSON': (text) =>
    text.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code?: string, sign = '') =>
      code === undefined ? (CONTROLS[sign] ?? sign) : String.fromCharCode(Number.parseInt(code, 16)),
    ),
  'percent-encoded': percentDecoded,
  'in a form': (text) => percentDecoded(text.replaceAll('+', ' ')),
  'in HTML or Markdown': (text) =>
    text
      .replace(/\\([!-/:-@[-`{-~])/g, '$1')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? ''),
  'broken into lines': (text) => text.replace(/\s+/g, ''),
}

/**
 * Every place in the texts, by their names, where a secret shows, however it is encoded: raw, base64 and base64url (also as a part of
 * something longer, as `user:password` is), percent, form, JSON, HTML, Markdown, hex, or two of them upon each other. Each is a sentence
 * without the secret; none is the only good answer. A PEM block counts by its lines. Throws for a secret that is too short to look for.
 */
export function findSecrets(
  texts: Readonly<Record<string, string | Uint8Array>>,
  secrets: readonly PlantedSecret[],
): readonly string[] {
  const needles = secrets.flatMap(({ name, value }) =>
    [...formsOf(name, value)].map(([how, form]) => ({ what: `${name}, ${how}`, form })),
  )
  return Object.entries(texts).flatMap(([where, text]) => {
    const views = viewsOf(typeof text === 'string' ? text : Buffer.from(text).toString())
    return needles.flatMap(({ what, form }) => {
      const shown = [...views].find(([view]) => view.includes(form))
      return shown === undefined ? [] : [`${where}: ${what}${shown[1]}`]
    })
  })
}

/** The text and what it becomes when one or two escapings are undone, with how. */
function viewsOf(text: string): ReadonlyMap<string, string> {
  const views = new Map([[text, '']])
  for (let depth = 0; depth < 2; depth += 1) {
    for (const [view, how] of [...views]) {
      for (const [name, undo] of Object.entries(VIEWS)) {
        const undone = undo(view)
        if (!views.has(undone)) views.set(undone, `${how}, ${name}`)
      }
    }
  }
  return views
}

/** What is looked for, by how it is encoded. */
function formsOf(name: string, value: string): ReadonlyMap<string, string> {
  const lines = value.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('-----'))
  const forms = new Map<string, string>()
  for (const [number, line] of lines.entries()) {
    // The last line of a PEM block may be a few characters.
    if (line.length < SHORTEST && lines.length > 1) continue
    if (line.length < SHORTEST) throw new Error(`${name} has fewer than ${SHORTEST} characters`)
    const which = lines.length === 1 ? '' : `line ${number + 1} `
    for (const [how, form] of formsOfLine(line)) forms.set(`${which}${how}`, form)
  }
  if (forms.size === 0) throw new Error(`${name} is empty`)
  return forms
}

function formsOfLine(line: string): readonly (readonly [how: string, form: string])[] {
  const bytes = Buffer.from(line)
  const inside = [0, 1, 2].map((offset) => base64Inside(bytes, offset))
  const hex = bytes.toString('hex')
  return [
    ['raw', line],
    ['raw and without its blanks', line.replace(/\s+/g, '')],
    ...(line.length > BEGINNING + SHORTEST ? [['its beginning', line.slice(0, BEGINNING)] as const] : []),
    ...inside.map((text, offset) => [`base64 at ${offset}`, text] as const),
    ...inside.map((text, offset) => [`base64url at ${offset}`, asUrl(text)] as const),
    ['hex', hex],
    ['hex in upper case', hex.toUpperCase()],
  ]
}

/** The characters that base64 gives these bytes when so many others, modulo three, stand in front, whatever those and the next are. */
function base64Inside(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  const ownEnd = Math.floor(((offset + bytes.byteLength) * (GROUP + 1)) / GROUP)
  return text.slice(offset === 0 ? 0 : offset + 1, ownEnd)
}

function asUrl(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}
