/** `begun` is a folder that is empty, or with what an interrupted run left. */
export type Room = 'nothing' | 'begun'

/** The files of a layout by their names in it, such as `index.json`; in a folder, or in an archive. */
export interface LayoutFiles {
  /** As messages name it. */
  readonly path: string
  /** The size of a file in bytes; undefined where there is none. Throws a PromotionError for what must not be read. */
  sizeOf(name: string): Promise<number | undefined>
  /** The bytes of a file; throws where there is none. */
  read(name: string): AsyncIterable<Uint8Array>
  /** What is there where no layout is yet; throws a PromotionError of kind `input` unless one can be begun there. */
  requireRoom(): Promise<Room>
  /** Throws a PromotionError where the system lets nobody write; writes nothing itself. */
  requireWritable(): Promise<void>
  /** Keeps a file that is complete when `content` ends without an error, and not at all otherwise. */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /**
   * Makes what was written the layout, by a rename as the last act: these documents, the last one of them last, and of the files written
   * those that are `wanted`. Throws a PromotionError of kind `conflict` when somebody else has changed the layout meanwhile.
   */
  finish(documents: ReadonlyMap<string, Uint8Array>, wanted: ReadonlySet<string>): Promise<void>
  close(): Promise<void>
}
