import { Secret } from '../../src/inputs/secret.ts'
import type { KeySigningSettings } from '../../src/inputs/settings.ts'

/** How a run signs with a key when nothing else is said. */
export const KEY_SIGNING: KeySigningSettings = {
  by: 'key',
  signs: { images: true, promotions: false },
  key: { path: 'cosign.key' },
  password: new Secret(''),
  annotations: {},
  format: 'both',
  signIdentity: 'source',
  recursive: false,
  signer: 'native',
  transparency: 'none',
}
