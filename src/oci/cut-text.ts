/** Characters: as many as a name with a digest may have. */
const LONGEST_TEXT = 300

/** A text that somebody else wrote, cut where it becomes too long to be read in an error message; `longest` is in characters. */
export function cutText(text: string, longest = LONGEST_TEXT): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
