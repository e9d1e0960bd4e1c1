import { createHash } from 'node:crypto'

/** Where an entry is in the log, and what proves that to those who know the root. */
export interface Inclusion {
  readonly index: number
  /** Entries in the log, this one included. */
  readonly size: number
  readonly root: Buffer
  /** The hashes beside the way from the leaf to the root, the leaf's neighbour first. */
  readonly path: readonly Buffer[]
}

/** A Merkle tree that only grows (RFC 6962, section 2.1). */
export class MerkleLog {
  readonly #leaves: Buffer[] = []

  append(entry: Buffer): Inclusion {
    const index = this.#leaves.push(leafHash(entry)) - 1
    const leaves = this.#leaves
    return { index, size: leaves.length, root: rootOf(leaves), path: pathToLast(leaves) }
  }
}

/** The hash by which the tree knows an entry. */
export function leafHash(entry: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest()
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [leaf = Buffer.alloc(0)] = leaves
  if (leaves.length === 1) return leaf
  const split = splitOf(leaves)
  const [left, right] = [rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split))]
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()
}

function pathToLast(leaves: readonly Buffer[]): readonly Buffer[] {
  if (leaves.length === 1) return []
  const split = splitOf(leaves)
  return [...pathToLast(leaves.slice(split)), rootOf(leaves.slice(0, split))]
}

/** The largest power of two below the number of leaves. */
function splitOf(leaves: readonly Buffer[]): number {
  return 2 ** Math.floor(Math.log2(leaves.length - 1))
}
