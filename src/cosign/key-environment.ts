import type { Environment } from './run-cosign.ts'

const PKCS11 = 'pkcs11'

/**
 * The variables that whoever keeps a key reads, by the scheme of the key's URI: `*` at the end stands for any rest. They are those of the
 * providers' SDKs; nothing else of the job's surroundings reaches cosign.
 */
const BY_SCHEME: Readonly<Record<string, readonly string[]>> = {
  awskms: ['AWS_*'],
  gcpkms: ['GOOGLE_*', 'CLOUDSDK_*', 'GCE_METADATA_*'],
  azurekms: [
    'AZURE_*',
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'IMDS_ENDPOINT',
    'MSI_ENDPOINT',
    'MSI_SECRET',
  ],
  hashivault: ['VAULT_*', 'BAO_*', 'TRANSIT_SECRET_ENGINE_PATH'],
  k8s: ['KUBECONFIG', 'KUBERNETES_*'],
  [PKCS11]: ['COSIGN_PKCS11_PIN', 'COSIGN_PKCS11_MODULE_PATH'],
}

/** A token that holds a certificate beside the key would have cosign sign as the certificate. */
const KEY_ONLY = { COSIGN_PKCS11_IGNORE_CERTIFICATE: '1' }

/** What the programs that reach other keys need cannot be known: theirs is this prefix, and a wrapper can give it other names. */
const OF_PLUGINS: readonly string[] = ['SIGSTORE_KMS_*']

/** Names of variables whose values must not be seen. */
const SECRET_NAME = /CREDENTIAL|HEADER|KEY|PASS|PIN|SECRET|TOKEN/

/** The part of the environment that a key is reached with; empty without a URI. */
export function keyEnvironment(uri: string | undefined, environment: Environment): Record<string, string> {
  if (uri === undefined) return {}
  const scheme = schemeOf(uri)
  const names = (Object.hasOwn(BY_SCHEME, scheme) ? BY_SCHEME[scheme] : undefined) ?? OF_PLUGINS
  const entries = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && names.some((pattern) => matches(name, pattern)) ? [[name, value] as const] : [],
  )
  return { ...Object.fromEntries(entries), ...(scheme === PKCS11 && KEY_ONLY) }
}

/** Those of the values that are secrets by the names of their variables. */
export function secretsIn(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(variables).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []))
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(':')).toLowerCase()
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
