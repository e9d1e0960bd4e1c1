import { type Digest, digestOf } from './digest.ts'

/**
 * A GPG signature of a manifest as registries with the signatures extension keep it beside the manifest: OpenShift's and Pulp, which call
 * the kind `atomic`. It is no manifest and has no tag.
 */
export interface AtomicSignature {
  /** The manifest that was signed. */
  readonly subject: Digest
  readonly schemaVersion: number
  /** The name that its first writer gave it, such as `<digest of the manifest>@<hex>`; registries may give it another one. */
  readonly name: string
  readonly type: string
  /** The signed OpenPGP message, in base64. */
  readonly content: string
  /** The digest of that message: two signatures with the same one are the same. */
  readonly digest: Digest
}

/** A signature out of the fields that the extension gives it. */
export function makeAtomicSignature(
  subject: Digest,
  fields: Pick<AtomicSignature, 'schemaVersion' | 'name' | 'type' | 'content'>,
): AtomicSignature {
  const { schemaVersion, name, type, content } = fields
  return {
    subject,
    schemaVersion,
    name,
    type,
    content,
    digest: digestOf(Buffer.from(content, 'base64')),
  }
}

/** Those of the wanted signatures that are not among the others. */
export function missingSignatures(
  wanted: readonly AtomicSignature[],
  there: readonly AtomicSignature[],
): readonly AtomicSignature[] {
  const known = new Set(there.map(keyOf))
  return wanted.filter((signature) => !known.has(keyOf(signature)))
}

function keyOf({ subject, digest }: AtomicSignature): string {
  return `${subject} ${digest}`
}
