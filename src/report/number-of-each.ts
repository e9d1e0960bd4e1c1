/** `2 child, 1 sig`: how often each name occurs, in the order in which they come. */
export function numberOfEach(names: readonly string[]): string {
  const numbers = new Map<string, number>()
  for (const name of names) numbers.set(name, (numbers.get(name) ?? 0) + 1)
  return [...numbers].map(([name, number]) => `${number} ${name}`).join(', ')
}
