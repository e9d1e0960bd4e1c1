const LONGEST_TEXT = 300

/** A text that somebody else wrote, as long as any name with a digest may be and no longer: an error message is to be read. */
export function cutText(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}
