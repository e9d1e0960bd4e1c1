/** How other tools write a layout; `oci:5000/app` is in a registry. */
const OTHER_TOOLS = /^(?:oci-archive|ocidir|oci-dir|oci):(?!\d+\/)(?:\/\/)?(?<path>[^:]+)/
const BEGINS_AS_PATH = /^\.{0,2}\//
const ENDS_AS_ARCHIVE = /^[^:]+\.(?:tar(?:\.\w+)?|tgz)$/i
/** Its first part cannot be a folder unless it was meant to: a registry may have an image `app.tar`. */
const BEGINS_AS_HOST = /^[^/]*[.:[{][^/]*\//

/** The path of the layout that a text without `oci-layout:` means; undefined for what may be a repository's name. */
export function pathMeant(text: string): string | undefined {
  const { path } = OTHER_TOOLS.exec(text)?.groups ?? {}
  if (path !== undefined) return path
  if (BEGINS_AS_PATH.test(text)) return text
  return ENDS_AS_ARCHIVE.test(text) && !BEGINS_AS_HOST.test(text) ? text : undefined
}
