import { randomBytes } from './random-bytes.ts'

/** The same items in an order that a name decides. */
export function shuffle<T>(items: readonly T[], name: string): readonly T[] {
  const keys = randomBytes(name, items.length * 4)
  return items
    .map((item, index) => ({ item, key: keys.readUInt32LE(index * 4) }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item)
}
