/** Bytes up to which a blob is read and sent in one piece; a larger one is worth a stream. */
export const SMALL_BLOB = 256 * 1024
