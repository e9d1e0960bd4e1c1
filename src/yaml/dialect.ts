/** What a format uses of YAML beyond plain values. */
export interface YamlDialect {
  /** Anchors, aliases, and `<<`, which merges mappings into the one that it stands in (YAML 1.1, "Merge key"). */
  readonly aliases: boolean
  /** Local tags, such as `!reset`; a scalar behind one is text. */
  readonly tags: readonly string[]
}

/** Neither: how lists of images are read. */
export const STRICT: YamlDialect = { aliases: false, tags: [] }
