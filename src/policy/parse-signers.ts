import type { FileLocation } from '../errors.ts'
import type { YamlEntry, YamlNode } from '../yaml/yaml.ts'
import type { YamlReader } from '../yaml/yaml-reader.ts'
import { CERTIFICATE_FIELDS, type CertificateField, readCertificateMatch } from './certificate-match.ts'
import type { CertificateSigner, Evidence, KeySigner } from './trusted-signer.ts'

/** The word in place of a signer that says that nobody must have signed. */
export const NOBODY = 'nobody'

/** A signer as it is written: a key by the place where it is. */
export type WrittenSigner =
  | (Omit<KeySigner, 'publicKey'> & { readonly place: string; readonly location: FileLocation })
  | CertificateSigner

/** A signer's name, with where it is written; what is wrong with the signer itself was noted where there is none. */
export interface NamedSigner {
  readonly name: string
  readonly location: FileLocation
  readonly signer: WrittenSigner | undefined
}

const MOST_SIGNERS = 100
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i
const KEY_FIELD = 'public-key'
const EVIDENCE_FIELDS = ['transparency', 'timestamp'] as const
const SIGNER_KEYS = { required: [], optional: [KEY_FIELD, ...CERTIFICATE_FIELDS, ...EVIDENCE_FIELDS] }

type Field = typeof KEY_FIELD | CertificateField | (typeof EVIDENCE_FIELDS)[number]
type Texts = ReadonlyMap<string, { readonly text: string; readonly location: FileLocation }>

/** Reads the signers of a policy file; keys are not loaded yet. What is wrong is noted. */
export function parseSigners(node: YamlNode, reader: YamlReader): readonly NamedSigner[] {
  const entries = [...(reader.anyMapping(node, '"signers"') ?? [])]
  if (entries.length > MOST_SIGNERS) {
    const message = `The file names ${entries.length} signers, and ${MOST_SIGNERS} is the limit`
    reader.problems.add(node.location, message, 'Leave out those that no rule names.')
    return []
  }
  return entries.map(([name, entry]) => readNamed(name, entry, reader))
}

function readNamed(name: string, { value, location }: YamlEntry, reader: YamlReader): NamedSigner {
  if (!NAME.test(name) || name === NOBODY) {
    const hint = `Use at most 64 letters, digits, dots, dashes and underscores, and not "${NOBODY}".`
    reader.problems.add(location, `${JSON.stringify(name)} cannot be the name of a signer`, hint)
  }
  return { name, location, signer: readSigner(name, value, reader) }
}

function readSigner(name: string, node: YamlNode, reader: YamlReader): WrittenSigner | undefined {
  const what = `the signer ${JSON.stringify(name)}`
  const entries = reader.mapping(node, what, SIGNER_KEYS)
  if (entries === undefined) return undefined
  const texts = readTexts(entries, reader)
  const key = texts.get(KEY_FIELD)
  const certificate = CERTIFICATE_FIELDS.filter((field) => entries.has(field))
  if (key !== undefined) {
    for (const field of certificate) {
      const hint = 'Name two signers, and let a rule be signed by any or all of them.'
      const message = `\`${field}\` is given beside \`${KEY_FIELD}\` in ${what}`
      reader.problems.add(entries.get(field)?.location, message, hint)
    }
    return {
      by: 'key',
      name,
      place: key.text,
      location: key.location,
      ...readEvidence(texts, 'none', reader),
    }
  }
  if (certificate.length === 0 && !entries.has(KEY_FIELD)) {
    const hint = `Add \`${KEY_FIELD}\`, or \`certificate-identity\` and \`certificate-oidc-issuer\`.`
    reader.problems.add(node.location, `Nothing says who ${what} is`, hint)
    return undefined
  }
  return readCertificateSigner(name, texts, reader)
}

function readCertificateSigner(
  name: string,
  texts: Texts,
  reader: YamlReader,
): CertificateSigner | undefined {
  const match = readCertificateMatch({
    text: (field) => texts.get(field)?.text,
    refuse: (field, error) => reader.problems.note(error.locatedAt(texts.get(field)?.location)),
  })
  const evidence = readEvidence(texts, 'rekor', reader)
  return match && { by: 'certificate', name, ...match, ...evidence }
}

function readTexts(entries: ReadonlyMap<string, YamlEntry>, reader: YamlReader): Texts {
  const texts = new Map<string, { readonly text: string; readonly location: FileLocation }>()
  for (const [name, { value }] of entries) {
    const text = reader.text(value, `\`${name}\``)
    if (text === undefined) continue
    if (text.trim() !== '') texts.set(name, { text, location: value.location })
    else reader.problems.add(value.location, `\`${name}\` is empty`, 'Write its value, or leave it out.')
  }
  return texts
}

function readEvidence(texts: Texts, usual: Evidence['transparency'], reader: YamlReader): Evidence {
  return {
    transparency: readWord(texts, 'transparency', ['none', 'rekor'], reader) ?? usual,
    timestamp: readWord(texts, 'timestamp', ['none', 'required'], reader) ?? 'none',
  }
}

function readWord<W extends string>(
  texts: Texts,
  field: Field,
  words: readonly W[],
  reader: YamlReader,
): W | undefined {
  const written = texts.get(field)
  const word = words.find((known) => known === written?.text)
  if (written !== undefined && word === undefined) {
    const message = `\`${field}\` cannot be ${JSON.stringify(written.text)}`
    reader.problems.add(written.location, message, `Use ${words.join(' or ')}.`)
  }
  return word
}
