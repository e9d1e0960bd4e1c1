import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { remotePublicKey } from '../cosign/remote-public-key.ts'
import { PromotionError } from '../errors.ts'
import { parseKeySource } from '../inputs/parse-key-source.ts'
import { nameOfKey, readKey } from '../inputs/read-key.ts'
import type { KeySource, RemoteKey } from '../inputs/settings.ts'
import { demanding, forEveryImage, keySigner } from '../policy/make-demand.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import { parsePublicKey } from '../policy/public-key.ts'
import { readPolicyFile } from '../policy/read-policy-file.ts'
import type { Evidence, TrustedSigner } from '../policy/trusted-signer.ts'
import type { RunSigner } from '../sign/signer.ts'
import type { Toolbox } from './toolbox.ts'

/** Makes the policy that the settings ask for. Throws PromotionErrors of kind `input` for keys and files that cannot be used. */
export async function makePolicy(
  toolbox: Toolbox,
  runSigner: RunSigner | undefined,
): Promise<VerificationPolicy> {
  const { verification } = toolbox.settings
  if (verification.by === 'nobody') return forEveryImage({ by: 'nobody' })
  if (verification.by === 'policy') return readPolicy(verification.path, toolbox)
  // What the list says of each image is added when it is known.
  if (verification.by === 'list') return { rules: [], file: undefined }
  const { transparency, timestamp } = verification
  const signer = await findSigner(toolbox, runSigner, { transparency, timestamp })
  return forEveryImage(demanding(signer, verification))
}

/** The public key of a file, a variable or a KMS, which the cosign binary is asked for. */
export async function readPublicKey(source: KeySource | RemoteKey, toolbox: Toolbox): Promise<KeyObject> {
  if (!('uri' in source)) return parsePublicKey(await readKey(source), nameOfKey(source))
  const { binary } = await toolbox.cosign()
  return parsePublicKey(await remotePublicKey(binary.path, source.uri, toolbox.environment), source.uri)
}

async function findSigner(
  toolbox: Toolbox,
  runSigner: RunSigner | undefined,
  evidence: Evidence,
): Promise<TrustedSigner> {
  const { verification } = toolbox.settings
  switch (verification.by) {
    case 'key':
      return { ...keySigner(await readPublicKey(verification.publicKey, toolbox)), ...evidence }
    case 'certificate': {
      const { identity, issuer, workflow } = verification
      return { by: 'certificate', name: undefined, identity, issuer, workflow, ...evidence }
    }
    default: {
      if (runSigner === undefined)
        throw new PromotionError('internal', 'the policy is the signer, and there is none')
      const own = await runSigner.identity()
      // Its signatures carry what they carry in every form; what is asked for beyond that has to be in them.
      return { ...own, timestamp: evidence.timestamp === 'required' ? 'required' : own.timestamp }
    }
  }
}

function readPolicy(path: string, toolbox: Toolbox): Promise<VerificationPolicy> {
  const { workingDirectory, environment } = toolbox.around
  return readPolicyFile(path, {
    workingDirectory,
    loadKey: (place, directory) => {
      const source = parseKeySource(place, 'public-key', environment)
      return readPublicKey(
        'path' in source ? { path: resolve(workingDirectory, directory, source.path) } : source,
        toolbox,
      )
    },
  })
}
