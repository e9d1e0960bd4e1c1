/** Bytes of the largest plan or report that is read; that of 10,000 images for three targets may have half of it. */
export const LARGEST_TEXT = 128 * 1024 * 1024
