/** Control and format characters, among them those that turn the direction of text, and everything that ends a line. */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** Text from anywhere as one line of a log: only what can be seen, and nothing that the runner takes for a workflow command. */
export function logLine(text: string): string {
  const line = text.replace(UNPRINTABLE, ' ')
  // The runner obeys `::name::` at the start of a line, and `##[name]` anywhere in it; a space in between makes them text.
  return line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## [')
}

/** Nothing is seen of it, and no name or number goes on behind it. */
const BREAK = '<!-- -->'
/** Where GitHub finds people and issues in finished HTML, so that no escape in Markdown keeps it from that; a digest is neither. */
const CALLS = /@(?!(?<=\w@)sha(?:256|512):)(?=\\?\w)|\\#(?=\d)|\bGH-(?=\d)/gi

/** Text from anywhere as text in Markdown: no markup, no HTML, no line breaks, no links, and nobody is called. */
export function markdownText(text: string): string {
  return (
    text
      .replace(UNPRINTABLE, ' ')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
      .replace(CALLS, `$&${BREAK}`)
      // A bare address would become a link.
      .replace(/(www)\./gi, '$1&#46;')
      .replace(/:(?=\/\/)/g, '&#58;')
  )
}

/** Data as JSON, spaced for people, in which nothing acts on a terminal or on the runner: such characters are escaped, and mean the same. */
export function printableJson(data: unknown): string {
  const json = JSON.stringify(data, undefined, 2)
  return json
    .replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
      [...Array(found.length).keys()]
        .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`)
        .join(''),
    )
    .replaceAll('##[', '#\\u0023[')
}

/** Text from anywhere as a code span of a Markdown table. */
export function markdownCode(text: string): string {
  // Of two backslashes the first escapes the second, and a bar behind them would end the cell.
  const line = text
    .replace(UNPRINTABLE, ' ')
    .replace(/`/g, ' ')
    .replace(/(?<=\\)\|/g, ' |')
    .replace(/\|/g, '\\|')
  return `\`${line}\``
}

/** A number of bytes for people: `12 B`, `3.4 kB`, `1.2 GB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}

/** `1 image`, `2 images`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
