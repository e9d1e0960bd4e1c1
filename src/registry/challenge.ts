/** What a registry asks for in WWW-Authenticate (RFC 9110, section 11.6.1), as far as registries use it. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** Characters of a header that are looked at; longer ones would keep the expressions below busy for seconds. */
export const LONGEST_CHALLENGE = 4096

/** A quoted text is matched as a whole, so that what stands in it is not taken for a scheme. */
const SCHEME = /"(?:[^"\\]|\\.)*"|(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi
const PARAMETER = /([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi

/** Reads one or several challenges; Bearer is preferred, because it does not hand the password to the registry. Undefined: none is known. */
export function parseChallenge(header: string): Challenge | undefined {
  if (header.length > LONGEST_CHALLENGE) return undefined
  const starts = [...header.matchAll(SCHEME)].filter(([, scheme]) => scheme !== undefined)
  const parts = starts.map((start, index) => ({
    scheme: (start[1] ?? '').toLowerCase(),
    parameters: parseParameters(header.slice(start.index + start[0].length, starts[index + 1]?.index)),
  }))
  const bearer = parts.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
  const realm = bearer?.parameters.get('realm')
  if (realm !== undefined) return { scheme: 'bearer', realm, service: bearer?.parameters.get('service') }
  return parts.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined
}

function parseParameters(text: string): ReadonlyMap<string, string> {
  // Backwards, so that the first of a name stands: later ones belong to a scheme that is not known here.
  return new Map(
    [...text.matchAll(PARAMETER)]
      .toReversed()
      .map(([, name = '', quoted, bare]) => [
        name.toLowerCase(),
        quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
      ]),
  )
}
