/** A value in DER, of a tag with one byte and below 16 MiB (X.690, section 8.1). */
export function der(tag: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  const significant = length.subarray(length.findIndex((byte) => byte !== 0))
  const header = bytes.length < 0x80 ? [bytes.length] : [0x80 | significant.length, ...significant]
  return Buffer.concat([Buffer.of(tag, ...header), bytes])
}

export const OCTET_STRING = 0x04
export const UTF8_STRING = 0x0c
export const SEQUENCE = 0x30
