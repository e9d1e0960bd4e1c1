/** Bytes that are at hand, for whoever takes a stream. */
export async function* singleChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
