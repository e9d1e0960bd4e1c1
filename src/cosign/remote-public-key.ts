import { type Environment, runCosign } from './run-cosign.ts'

/**
 * The public half of a key that only cosign reaches, in PEM: it is asked for once a run, and then the native code verifies with it. Throws a
 * PromotionError of kind `signing` with cosign's own words.
 */
export function remotePublicKey(path: string, uri: string, environment: Environment): Promise<string> {
  // Without a password cosign would ask for one.
  const own = { COSIGN_PASSWORD: '' }
  return runCosign(path, ['public-key', `--key=${uri}`], { environment, own, keyUri: uri })
}
