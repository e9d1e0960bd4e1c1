/** Characters of a header that are looked at; longer ones would keep the expression below busy for seconds. */
const LONGEST_WARNING = 4096
const WARNING = /(?:^|,)\s*299\s+\S+\s+"((?:[^"\\]|\\.)*)"/g

/** What a Warning header says under the code 299, which is for people (OCI distribution specification, "Warnings"). */
export function warningTexts(header: string): readonly string[] {
  if (header.length > LONGEST_WARNING) return []
  return [...header.matchAll(WARNING)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'))
}
