import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Annotations } from '../src/oci/descriptor.ts'
import type { SignatureForm } from '../src/verify/verifier.ts'
import { runToolWith } from './tools.ts'

/** A key pair that cosign made, with the password `PASSWORD`. */
export interface CosignKeys {
  readonly key: string
  readonly publicKey: string
}

/** Who signed without a key of his own, and the file with the roots by which that is known. */
export interface CertifiedSigner {
  readonly identity: string
  readonly issuer: string
  readonly trustedRoot: string
}

export const PASSWORD = 'correct horse'

/** What cosign calls the two forms in the JSON of `verify`; an attestation that it took for a signature has another type. */
const TYPES: Readonly<Record<SignatureForm, string>> = {
  bundle: 'https://sigstore.dev/cosign/sign/v1',
  tag: 'cosign container image signature',
}
const OFFLINE = ['--use-signing-config=false', '--tlog-upload=false', '--yes']

/** The real cosign with a home of its own in `folder`, and without the network. */
export class Cosign {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async generateKeys(name: string): Promise<CosignKeys> {
    const prefix = join(this.#folder, name)
    await this.#run('generate-key-pair', '--output-key-prefix', prefix)
    return { key: `${prefix}.key`, publicKey: `${prefix}.pub` }
  }

  /** Signs an image and, of an index, each child. */
  async sign(
    form: SignatureForm,
    keys: CosignKeys,
    image: string,
    annotations: Annotations = {},
  ): Promise<void> {
    await this.#run(
      ...['sign', '--recursive', '--key', keys.key, `--new-bundle-format=${form === 'bundle'}`, ...OFFLINE],
      ...annotate(annotations),
      image,
    )
  }

  /** Attests with the `.att` tag. */
  async attest(keys: CosignKeys, image: string): Promise<void> {
    const predicate = await this.#write('predicate.json', '{"built":"for a test"}')
    await this.#run(
      ...['attest', '--key', keys.key, '--new-bundle-format=false', ...OFFLINE],
      ...['--type', 'custom', '--predicate', predicate, image],
    )
  }

  /** Attaches an SBOM with the `.sbom` tag. */
  async attachSbom(image: string): Promise<void> {
    const sbom = await this.#write('sbom.json', '{"spdxVersion":"SPDX-2.3"}')
    await this.#run('attach', 'sbom', '--type', 'spdx', '--sbom', sbom, image)
  }

  /** Fails unless cosign finds a signature of exactly this form by this key, with these annotations. */
  async verify(
    form: SignatureForm,
    keys: CosignKeys,
    image: string,
    annotations: Annotations = {},
  ): Promise<void> {
    const by = ['--key', keys.publicKey, '--insecure-ignore-tlog']
    await this.#verifySignature(form, [...by, ...annotate(annotations), image])
  }

  /** Fails unless cosign finds a signature of exactly this form by this identity, entered into a log. */
  async verifyKeyless(form: SignatureForm, signer: CertifiedSigner, image: string): Promise<void> {
    await this.#verifySignature(form, [...certifiedBy(signer), image])
  }

  /** Fails unless cosign finds an attestation with this predicate type by this identity. */
  async verifyAttestation(predicateType: string, signer: CertifiedSigner, image: string): Promise<void> {
    await this.#run('verify-attestation', '--type', predicateType, ...certifiedBy(signer), image)
  }

  async #verifySignature(form: SignatureForm, args: readonly string[]): Promise<void> {
    const output = await this.#run(
      ...['verify', `--new-bundle-format=${form === 'bundle'}`, '--output', 'json', ...args],
    )
    const found = JSON.parse(output) as readonly { readonly critical: { readonly type: string } }[]
    assert.ok(
      found.some(({ critical }) => critical.type === TYPES[form]),
      `no ${form} signature on ${args.at(-1)} in ${output}`,
    )
  }

  async #write(name: string, text: string): Promise<string> {
    const path = join(this.#folder, name)
    await writeFile(path, text)
    return path
  }

  #run(...args: readonly string[]): Promise<string> {
    return runCosign(this.#folder, args, { COSIGN_PASSWORD: PASSWORD })
  }
}

/** Runs the real cosign in a folder, with a home of its own there and of this machine's environment only the PATH; what it printed. */
export async function runCosign(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  return runToolWith({ HOME: home, DOCKER_CONFIG: home, ...environment }, folder, 'cosign', ...args)
}

function certifiedBy({ identity, issuer, trustedRoot }: CertifiedSigner): readonly string[] {
  return [
    `--certificate-identity=${identity}`,
    `--certificate-oidc-issuer=${issuer}`,
    `--trusted-root=${trustedRoot}`,
  ]
}

function annotate(annotations: Annotations): readonly string[] {
  return Object.entries(annotations).flatMap(([key, value]) => ['-a', `${key}=${value}`])
}
