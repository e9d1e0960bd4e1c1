import { writeFile } from 'node:fs/promises'
import { buildKeys } from '../../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../../__tests__/builders/encrypt-cosign-key.ts'

/** Writes `cosign.key`, encrypted with an empty password, and `cosign.pub`, as `cosign generate-key-pair` does. */
export async function makeKeyPair(): Promise<void> {
  const keys = buildKeys('ec')
  await writeFile('cosign.key', encryptCosignKey(keys.privateKey, ''), { mode: 0o600 })
  await writeFile('cosign.pub', keys.publicPem)
}
