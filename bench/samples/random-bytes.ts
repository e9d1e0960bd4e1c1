import { createCipheriv, createHash } from 'node:crypto'

/** Bytes that do not compress, and are the same for the same name in every run: the key stream of AES-128 in counter mode. */
export function randomBytes(name: string, size: number): Buffer {
  const key = createHash('sha256').update(name).digest().subarray(0, 16)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}
