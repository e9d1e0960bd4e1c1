/** What a sentence, or what stands for one, ends in. */
const END = /[.!?…]$/

/** A problem and what to do about it as two sentences in one line; the message as it is where nobody knows what to do. */
export function withHint(message: string, hint: string | undefined): string {
  if (hint === undefined || hint === '') return message
  const text = message.trimEnd()
  return `${text}${END.test(text) ? '' : '.'} ${hint}`
}
