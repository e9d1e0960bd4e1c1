/** Puts what has the same name together: names and what is in each group in the order in which they come. */
export function groupBy<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
): ReadonlyMap<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>()
  for (const one of all) {
    const name = nameOf(one)
    const same = groups.get(name)
    if (same === undefined) groups.set(name, [one])
    else same.push(one)
  }
  return groups
}
