import { describe } from 'node:test'
import { isJsonObject, type JsonObject } from '../../src/oci/descriptor.ts'
import { bundleOf, statementOf } from '../builders/evidenced-signature.ts'
import {
  askedKey,
  base64,
  type Case,
  changedBundle,
  entry,
  foreign,
  material,
  refuses,
  scene,
  withKey,
} from './refused-case.ts'

const { sigstore, image } = scene
const stranger = await bundleOf(await scene.keyless(), statementOf(image.digest), {
  sigstore,
  rekor: 1,
  timestamp: true,
})
const { tlogEntries: strangersEntries, timestampVerificationData } = stranger.verificationMaterial

/** Whose certificate was valid already when the stranger signed. */
const maker = await scene.keyless({
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 60_000),
})

const proof = (change: JsonObject) =>
  entry(({ inclusionProof }) => ({
    inclusionProof: { ...(isJsonObject(inclusionProof) && inclusionProof), ...change },
  }))

const TOO_LARGE = /^its log entries are larger than any log writes$/

/** A checkpoint with this number of signatures by nobody, behind its three lines and an empty one. */
function signedBy(number: number, signature = 'AAAAAAAAAAAA'): JsonObject {
  return { checkpoint: { envelope: `x\n1\nAAAA\n\n${`— x ${signature}\n`.repeat(number)}` } }
}

describe('a signature does not count by its log entry,', () => {
  const missing = /^it has no entry in a transparency log, and the policy asks for one$/
  const otherKey = /^its log entry names another key than the one it is signed with$/
  const unsigned =
    /^its log entry is not signed by a log of the trusted root \(inclusion promise could not be verified\)$/
  refuses(changedBundle, [
    ['which is missing', { evidence: {} }, missing],
    ['which is missing beside a timestamp', { evidence: { timestamp: true } }, missing],
    [
      'which is missing beside a key',
      { maker: withKey, evidence: {} },
      missing,
      { ...askedKey, transparency: 'rekor' },
    ],
    [
      'which was dropped from a signature with a timestamp',
      { evidence: { rekor: 1, timestamp: true }, bundle: material(() => ({ tlogEntries: [] })) },
      missing,
    ],
    [
      'which stands there twice, beside a key',
      {
        maker: withKey,
        bundle: material(({ tlogEntries }) => ({ tlogEntries: [...tlogEntries, ...tlogEntries] })),
      },
      /^its log entries do not hold \(duplicate tlog entry\)$/,
      { ...askedKey, transparency: 'rekor' },
    ],
    [
      'which stands there twice',
      { bundle: material(({ tlogEntries }) => ({ tlogEntries: [...tlogEntries, ...tlogEntries] })) },
      /^its time is not proven \(duplicate timestamp\)$/,
    ],
    [
      'of which there are too many',
      { bundle: material(({ tlogEntries }) => ({ tlogEntries: Array(33).fill(tlogEntries[0]) })) },
      /^its log entries are 33 in number, more than the 32 that are judged$/,
    ],
    [
      'which is in the log of somebody else',
      { evidence: { sigstore: foreign.sigstore, rekor: 1 } },
      unsigned,
    ],
    [
      'which is in the newer log of somebody else',
      { evidence: { sigstore: foreign.sigstore, rekor: 2, timestamp: true } },
      /^its time is not proven/,
    ],
    [
      'which is about another signature',
      { maker, bundle: material(() => ({ tlogEntries: strangersEntries })) },
      /^its log entry is not about this signature \(tlog entry signature mismatch\)$/,
    ],
    ['whose body was changed', { bundle: entry(() => ({ canonicalizedBody: base64({}) })) }, unsigned],
    [
      'whose time was changed',
      { bundle: entry(({ integratedTime }) => ({ integratedTime: `${Number(integratedTime) + 1}` })) },
      unsigned,
    ],
    ['whose place in the log was changed', { bundle: entry(() => ({ logIndex: '9999' })) }, unsigned],
    ['whose log was changed', { bundle: entry(() => ({ logId: { keyId: base64('log') } })) }, unsigned],
    [
      'whose promise was dropped, so that no time is proven',
      { bundle: entry(() => ({ inclusionPromise: undefined })) },
      /^nothing proves that its certificate was valid when it was used/,
    ],
    [
      'whose proof was dropped',
      { bundle: entry(() => ({ inclusionProof: undefined })) },
      /^its log entries are malformed in verificationMaterial\.tlogEntries\[0\]\.inclusionProof$/,
    ],
    [
      'whose proof is of another tree',
      { bundle: proof({ hashes: Array(40).fill(base64('x')) }) },
      /^its log entry is not proven to be in a log of the trusted root \(invalid hash count\)$/,
    ],
    [
      'whose checkpoint is signed by nobody',
      { bundle: proof(signedBy(1)) },
      /^its log entry is not proven to be in a log of the trusted root \(invalid checkpoint signature\)$/,
    ],
    ['whose checkpoint has too many lines', { bundle: proof(signedBy(29)) }, TOO_LARGE],
    ['whose checkpoint is too long', { bundle: proof(signedBy(1, 'A'.repeat(16_384))) }, TOO_LARGE],
    [
      'whose checkpoint has as many lines as one may have',
      { bundle: proof(signedBy(28)) },
      /\(invalid checkpoint signature\)$/,
    ],
    ...(['dsse', 'intoto', 'hashedrekord'] as const).map(
      (form): Case => [
        `of the kind ${form}, which names another key`,
        { evidence: { rekor: 1, entry: form, entryOf: withKey } },
        otherKey,
      ],
    ),
    [
      'of the newer log, which names another key',
      { evidence: { rekor: 2, timestamp: true, entryOf: withKey } },
      otherKey,
    ],
    [
      'of a kind that is not in its body',
      { bundle: entry(() => ({ kindVersion: { kind: 'rekord', version: '0.0.1' } })) },
      /^its log entry is not about this signature \(kind\/version mismatch/,
    ],
  ])
})

describe('a signature does not count by its timestamp,', () => {
  const required = { transparency: 'none', timestamp: 'required' } as const
  const unverified = /^its time is not proven \(timestamp could not be verified\)$/
  refuses(changedBundle, [
    [
      'which is missing',
      {},
      /^it has no timestamp by a timestamp authority, and the policy asks for one$/,
      required,
    ],
    [
      'which is missing beside a key',
      { maker: withKey, evidence: {} },
      /^it has no timestamp by a timestamp authority, and the policy asks for one$/,
      { ...askedKey, timestamp: 'required' },
    ],
    [
      'by an authority of somebody else',
      { evidence: { sigstore: foreign.sigstore, timestamp: true } },
      unverified,
      required,
    ],
    [
      'by an authority of somebody else, beside a key',
      { maker: withKey, evidence: { sigstore: foreign.sigstore, timestamp: true } },
      unverified,
      { ...askedKey, timestamp: 'required' },
    ],
    [
      'which is of another signature',
      { evidence: {}, bundle: material(() => ({ timestampVerificationData })) },
      unverified,
      required,
    ],
    [
      'which stands there twice',
      {
        evidence: { timestamp: true },
        bundle: material(({ timestampVerificationData: { rfc3161Timestamps: times } }) => ({
          timestampVerificationData: { rfc3161Timestamps: [...times, ...times] },
        })),
      },
      /^its time is not proven \(duplicate timestamp\)$/,
      required,
    ],
    [
      'of which there are too many',
      {
        evidence: { timestamp: true },
        bundle: material(({ timestampVerificationData: { rfc3161Timestamps: times } }) => ({
          timestampVerificationData: { rfc3161Timestamps: Array(33).fill(times[0]) },
        })),
      },
      /^its timestamps are 33 in number, more than the 32 that are judged$/,
      required,
    ],
    [
      'nor by its log entry, when both are of somebody else',
      { evidence: { sigstore: foreign.sigstore, rekor: 1, timestamp: true } },
      unverified,
      { transparency: 'none' },
    ],
    [
      'which is no timestamp',
      {
        bundle: material(() => ({
          timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }] },
        })),
      },
      /^its timestamps are malformed$/,
      required,
    ],
  ])
})
