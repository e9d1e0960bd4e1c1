import { PromotionError } from '../errors.ts'
import { cutText } from '../oci/cut-text.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import type { HttpContent } from '../registry/http.ts'
import { withoutSecrets } from '../registry/registry-error.ts'

/** Characters of what Artifactory says that are shown. */
const LONGEST_QUOTE = 500

/** What was done, for messages: "copying A to B"; `redact` takes secrets out of what the server repeats. */
export interface AskedOf {
  readonly doing: string
  redact(text: string): string
}

/**
 * The JSON object in an answer of success; undefined where it is text of another kind, as a promotion gives. Throws a PromotionError of kind
 * `registry` for an HTML page, which is a proxy's or a login's, and for a message of level ERROR, which Artifactory sends with a 200 (JFrog,
 * "Copy Item").
 */
export function readAnswer({ url, headers, bytes }: HttpContent, asked: AskedOf): JsonObject | undefined {
  const text = Buffer.from(bytes).toString().trim()
  if (text.startsWith('<') || headers['content-type']?.includes('html')) {
    throw new PromotionError(
      'registry',
      `${asked.doing}: ${withoutSecrets(url)} answered with an HTML page`,
      {
        hint: 'It comes from a proxy or a login page: set `artifactory-url` to where the REST API itself answers.',
      },
    )
  }
  // A promotion is answered in plain words: what came of it is asked for over the registry's own API.
  const json = readJson(text)
  const errors = errorsIn(json).map((message) => cutText(asked.redact(message), LONGEST_QUOTE))
  if (errors.length === 0) return json
  throw new PromotionError('registry', `${asked.doing}: Artifactory says ${errors.join('; ')}`, {
    hint: 'The account needs the rights to read at the source and to deploy at the target: ask whoever runs this Artifactory.',
  })
}

/** The level is written in capitals or not, depending on the version. */
function errorsIn(json: JsonObject | undefined): readonly string[] {
  const messages = Array.isArray(json?.messages) ? json.messages.filter(isJsonObject) : []
  return messages
    .filter(({ level }) => typeof level === 'string' && level.toUpperCase() === 'ERROR')
    .map(({ message }) => (typeof message === 'string' ? message : 'ERROR without a message'))
}
