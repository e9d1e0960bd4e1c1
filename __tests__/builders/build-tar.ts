const BLOCK = 512
const CHECKSUM_OFFSET = 148
const END_BLOCKS = 2
const NUL = '\u0000'

/** A tar archive (POSIX ustar) with one file, owned by root and without a date: the same bytes every time. */
export function buildTar(name: string, content: string): Buffer {
  const bytes = Buffer.from(content)
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 'ascii')
  header.write([octal(0o644, 7), octal(0, 7), octal(0, 7), ''].join(NUL), 100, 'ascii')
  header.write([octal(bytes.byteLength, 11), octal(0, 11), ''].join(NUL), 124, 'ascii')
  // The checksum is taken with its own field full of spaces.
  header.write('        0', CHECKSUM_OFFSET, 'ascii')
  header.write(`ustar${NUL}00`, 257, 'ascii')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}${NUL} `, CHECKSUM_OFFSET, 'ascii')
  const padding = Buffer.alloc((BLOCK - (bytes.byteLength % BLOCK)) % BLOCK)
  return Buffer.concat([header, bytes, padding, Buffer.alloc(BLOCK * END_BLOCKS)])
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
