import { type AtomicSignature, makeAtomicSignature } from '../oci/atomic-signature.ts'
import { isJsonObject } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { readJson } from '../oci/read-json.ts'
import { isRegistrys404 } from './absence.ts'
import type { HttpContent } from './http.ts'
import { RegistryError } from './registry-error.ts'
import type { AtomicSignatures } from './repository.ts'
import type { RepositoryTransport } from './transport.ts'

/** Bytes of the list of one manifest, as containers/image limits it. */
const LIST_LIMIT = 4 * 1024 * 1024

/** The signatures of one repository behind OpenShift's signatures extension, which Pulp has as well (`/extensions/v2/<name>/signatures/<digest>`). */
export class RemoteAtomicSignatures implements AtomicSignatures {
  readonly #transport: RepositoryTransport

  constructor(transport: RepositoryTransport) {
    this.#transport = transport
  }

  async list(subject: Digest): Promise<readonly AtomicSignature[]> {
    const url = this.#urlOf(subject)
    const content = await this.#transport.read({ method: 'GET', url, expect: [200, 404] }, LIST_LIMIT)
    if (content.status === 200) return parseList(content, subject)
    if (isRegistrys404(content) && this.#transport.isOwn(content)) return []
    throw new RegistryError({
      method: 'GET',
      url: content.url,
      status: 404,
      problem: '404, although the registry says that it supports signatures',
      hint: 'Let what stands in front of the registry pass /extensions/v2/ on to it, or take the header X-Registry-Supports-Signatures out of its answers.',
    })
  }

  async put({ subject, schemaVersion, name, type, content }: AtomicSignature): Promise<boolean> {
    const { status } = await this.#transport.send({
      method: 'PUT',
      url: this.#urlOf(subject),
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ schemaVersion, name, type, content })),
      actions: 'pull,push',
      expect: [200, 201, 404],
    })
    return status !== 404
  }

  #urlOf(subject: Digest): URL {
    const path = `/extensions/v2/${this.#transport.name.path}/signatures/${subject}`
    return new URL(path, this.#transport.urlOf(''))
  }
}

function parseList(answer: HttpContent, subject: Digest): readonly AtomicSignature[] {
  const list: unknown = readJson(answer.bytes)?.signatures
  const entries: readonly unknown[] | undefined = Array.isArray(list) ? list : undefined
  const signatures = entries?.flatMap((entry) => {
    if (!isJsonObject(entry)) return []
    const { schemaVersion, name, type, content } = entry
    const isWhole =
      typeof schemaVersion === 'number' && typeof type === 'string' && typeof content === 'string'
    // OpenShift's registry wants a name; one that is missing is not what makes a signature.
    return isWhole
      ? [
          makeAtomicSignature(subject, {
            schemaVersion,
            name: typeof name === 'string' ? name : '',
            type,
            content,
          }),
        ]
      : []
  })
  if (signatures !== undefined && signatures.length === entries?.length) return signatures
  throw new RegistryError({
    method: 'GET',
    url: answer.url,
    status: 200,
    problem: '200 with something else where a list of signatures belongs',
    hint: 'Ask the operator of the registry: what it has cannot be carried while its list cannot be read.',
  })
}
