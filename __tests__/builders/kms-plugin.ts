import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The variable in which the plugin gets the private key, in PEM: one that is passed on to it. */
export const PLUGIN_KEY = 'SIGSTORE_KMS_TEST_KEY'
/** A key of the plugin. */
export const PLUGIN_URI = 'spkms://team/release'

/**
 * A key keeper in a folder: `sigstore-kms-spkms`, which speaks cosign's protocol for plugins (sigstore, pkg/signature/kms/cliplugin, version 1):
 * what is asked in JSON as the second argument, the message on standard input, the answer in JSON on standard output. Returns the folder.
 */
export async function writeKmsPlugin(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const [script, program] = [join(folder, 'plugin.mjs'), join(folder, 'sigstore-kms-spkms')]
  await writeFile(script, SOURCE)
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`)
  await chmod(program, 0o755)
  return folder
}

const SOURCE = `import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [version, question] = process.argv.slice(2)
const { initOptions, methodName, verifySignature } = JSON.parse(question)

function answer() {
  if (version !== 'v1') throw new Error('this is not version 1 of the protocol')
  if (initOptions.keyResourceID !== 'team/release') throw new Error('there is no key ' + initOptions.keyResourceID)
  if (!process.env.${PLUGIN_KEY}) throw new Error('locked: token ' + process.env.SIGSTORE_KMS_TOKEN + ' opens nothing')
  const key = createPrivateKey(process.env.${PLUGIN_KEY})
  const message = () => readFileSync(0)
  switch (methodName) {
    case 'defaultAlgorithm':
      return { defaultAlgorithm: 'ecdsa-p256-sha256' }
    case 'supportedAlgorithms':
      return { supportedAlgorithms: ['ecdsa-p256-sha256'] }
    case 'publicKey':
      return { publicKeyPEM: Buffer.from(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toString('base64') }
    case 'signMessage':
      return { signature: sign('sha256', message(), key).toString('base64') }
    case 'verifySignature': {
      const signature = Buffer.from(verifySignature.signature, 'base64')
      if (verify('sha256', message(), createPublicKey(key), signature)) return {}
      throw new Error('the signature is wrong')
    }
    default:
      throw new Error('nobody here can ' + methodName)
  }
}

try {
  console.log(JSON.stringify({ [methodName]: answer() }))
} catch (error) {
  console.log(JSON.stringify({ errorMessage: error.message }))
}
`
