import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { parseServiceUrl } from './parse-service-url.ts'
import type { CopyingSettings } from './settings.ts'

const FOR_ARTIFACTORY: readonly InputName[] = ['artifactory-url', 'move']

/** Reads what copies layers; `insecure` are the hosts, besides loopback, to which plain HTTP may be spoken. */
export function parseCopying(inputs: InputReader, insecure: readonly string[]): CopyingSettings {
  if (inputs.choice('copy-by') === 'registry') {
    inputs.refuseGiven(FOR_ARTIFACTORY, '`copy-by` is "registry"', 'Set `copy-by` to "artifactory"')
    return { by: 'registry' }
  }
  const text = parseServiceUrl(inputs, 'artifactory-url', insecure)
  const move = inputs.choice('move') === 'true'
  if (text !== undefined && URL.canParse(text)) return { by: 'artifactory', url: new URL(text), move }
  if (text === undefined) {
    const hint = 'Set it to where its REST API begins, such as https://acme.example.com/artifactory.'
    inputs.problem('`copy-by` is "artifactory", and `artifactory-url` is not given', hint)
  }
  // Stands in after a problem was noted, so that the other inputs are still looked at; no run ever sees it.
  return { by: 'registry' }
}
