const COMPRESSED = /\.(?:tar\.(?:gz|zst|xz|bz2)|tgz|tzst|txz)$/i

/** What an archive of this name is called when it is not compressed; undefined for the name of one that is not. */
export function uncompressedName(path: string): string | undefined {
  return COMPRESSED.test(path) ? path.replace(COMPRESSED, '.tar') : undefined
}
