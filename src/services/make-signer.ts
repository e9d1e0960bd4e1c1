import { createPublicKey } from 'node:crypto'
import { findCosign } from '../cosign/find-cosign.ts'
import { PromotionError } from '../errors.ts'
import { nameOfKey, readKey } from '../inputs/read-key.ts'
import type { Settings } from '../inputs/settings.ts'
import { givenFor } from '../registry/credentials.ts'
import { CosignSigner } from '../sign/cosign-signer.ts'
import { NativeSigner } from '../sign/native-signer.ts'
import { parsePrivateKey, requireCosignForm } from '../sign/private-key.ts'
import type { ImageSigner } from '../sign/signer.ts'
import type { SignatureVerifier } from '../verify/verifier.ts'
import type { Surroundings } from './services.ts'

/** Makes the signer that the settings ask for, if any. Throws PromotionErrors of kind `input` for keys and binaries that cannot be used. */
export async function makeSigner(
  { signing, registries, cosign }: Settings,
  verifier: SignatureVerifier,
  { environment }: Surroundings,
): Promise<ImageSigner | undefined> {
  if (signing.by === 'nobody') return undefined
  if (signing.by === 'keyless' || 'uri' in signing.key) {
    throw new PromotionError('internal', 'only keys of files sign yet')
  }
  const { key, password, annotations, format } = signing
  const text = await readKey(key)
  const privateKey = await parsePrivateKey(text, password.reveal(), nameOfKey(key))
  if (signing.signer === 'native') return new NativeSigner({ key: privateKey, annotations, format, verifier })
  requireCosignForm(text, nameOfKey(key))
  const binary = await findCosign(cosign.path, environment)
  return new CosignSigner({
    path: binary.path,
    key,
    password,
    publicKey: createPublicKey(privateKey),
    annotations,
    format,
    verifier,
    environment,
    login: (repository) => givenFor(repository, registries.credentials),
    insecure: (registry) => registries.insecure.includes(registry),
  })
}
