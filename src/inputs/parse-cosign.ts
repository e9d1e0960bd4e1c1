import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { parseServiceUrl } from './parse-service-url.ts'
import type { Uses } from './parse-sigstore.ts'
import type { CosignSettings } from './settings.ts'

const DOWNLOAD: readonly InputName[] = ['cosign-version', 'cosign-checksum', 'cosign-mirror']
const VERSION = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/
const SHA256 = /^[0-9a-f]{64}$/i

/** Reads which cosign to run, where the run needs one; a version that this program does not know needs its checksum. */
export function parseCosign(inputs: InputReader, uses: Uses): CosignSettings {
  const path = inputs.optional('cosign-path')
  const mirror = parseServiceUrl(inputs, 'cosign-mirror', uses.insecure)
  if (!mayRunCosign(uses)) {
    const instead = 'Set `signer` or `verifier` to "cosign"'
    inputs.refuseGiven(['cosign-path', ...DOWNLOAD], 'nothing here runs cosign', instead)
  } else if (path !== undefined) {
    inputs.refuseGiven(DOWNLOAD, '`cosign-path` says which cosign to run', 'Leave `cosign-path` out')
  }
  return { path, release: parseRelease(inputs), mirror }
}

/** A key that only cosign reaches can also stand in a policy file, which is not read yet. */
function mayRunCosign({ signing, listSigning, verification }: Uses): boolean {
  if (signing.by !== 'nobody' && signing.signer === 'cosign') return true
  // A list may name a key that only cosign reaches.
  if (listSigning !== undefined || verification.by === 'list') return true
  if (verification.by === 'nobody') return false
  if (verification.by === 'policy' || verification.verifier === 'cosign') return true
  return verification.by === 'key' && 'uri' in verification.publicKey
}

function parseRelease(inputs: InputReader): CosignSettings['release'] {
  const written = inputs.optional('cosign-version')
  const checksum = inputs.optional('cosign-checksum')
  const version = VERSION.exec(written ?? '')?.[1]
  if (written !== undefined && version === undefined) {
    inputs.problem(`\`cosign-version\` cannot be "${written}"`, 'Write a version such as 3.1.3.')
  }
  if (checksum !== undefined && !SHA256.test(checksum)) {
    inputs.problem('`cosign-checksum` is not a SHA-256', 'Write 64 hexadecimal digits.')
  }
  if (written !== undefined && checksum === undefined) {
    const hint = 'Set `cosign-checksum` to the SHA-256 of its binary for this platform.'
    inputs.problem('`cosign-version` is given without `cosign-checksum`', hint)
  }
  if (written === undefined && checksum !== undefined) {
    const hint = 'Set `cosign-version` to the version that it belongs to.'
    inputs.problem('`cosign-checksum` is given without `cosign-version`', hint)
  }
  return version === undefined || checksum === undefined
    ? undefined
    : { version, checksum: checksum.toLowerCase() }
}
