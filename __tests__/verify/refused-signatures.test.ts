// The library of certificates throws without it, and it has to be loaded first.
import 'reflect-metadata'
import { describe } from 'node:test'
import { ExtendedKeyUsage } from '@peculiar/x509'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { exactly, expression } from '../../src/policy/text-match.ts'
import { WORKFLOW } from '../builders/verification-scene.ts'
import type { WantedCertificate } from '../fakes/sigstore/private-sigstore.ts'
import {
  askedKey,
  base64,
  type Case,
  changedBundle,
  envelope,
  foreign,
  material,
  refuses,
  scene,
  withKey,
} from './refused-case.ts'

const HOUR_MS = 60 * 60 * 1000
const elsewhere = digestOf('elsewhere')
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
const holder = async (wanted?: Partial<WantedCertificate>) => ({ maker: await scene.keyless(wanted) })

const expired = await holder({ notBefore: inHours(-3), notAfter: inHours(-2) })
const stranger = await scene.keyless()

describe('a keyless signature does not count by whom its certificate names:', async () => {
  const anybody = { identity: expression('.*', 'identity'), issuer: expression('.*', 'issuer') }
  refuses(changedBundle, [
    [
      'another identity',
      {},
      /^it is signed by ".+release\.yml@refs\/heads\/main" \(issuer "http:.+"\), but the identity has to be "https:\/\/github\.com\/acme\/other"$/,
      { identity: exactly('https://github.com/acme/other') },
    ],
    [
      'an identity that merely contains the wanted one',
      await holder({ subject: { uri: `${WORKFLOW}-evil` } }),
      /main-evil" .+ but the identity has to be ".+main"$/,
    ],
    [
      'an identity that merely begins as an expression wants',
      await holder({ subject: { uri: 'https://github.com/acme/app' } }),
      /but the identity has to match "https:\/\/github\\\\.com\/acme"$/,
      { identity: expression('https://github\\.com/acme', 'identity') },
    ],
    [
      'an identity that merely ends as an expression wants',
      await holder({ subject: { uri: 'https://evil.example/?https://github.com/acme' } }),
      /but the identity has to match/,
      { identity: expression('https://github\\.com/acme|.*://github\\.com/.*x', 'identity') },
    ],
    [
      'an identity that differs in a capital letter',
      await holder({ subject: { email: 'Ada@example.com' } }),
      /signed by "Ada@example\.com" .+ has to be "ada@example\.com"$/,
      { identity: exactly('ada@example.com') },
    ],
    [
      'another issuer',
      {},
      /but the issuer has to be "https:\/\/token\.example"$/,
      { issuer: exactly('https://token.example') },
    ],
    [
      'an issuer that merely contains the wanted one',
      await holder({ claims: { iss: 'https://token.example.evil' } }),
      /\(issuer "https:\/\/token\.example\.evil"\), but the issuer has to match/,
      { issuer: expression('https://token\\.example', 'issuer') },
    ],
    [
      'an empty issuer, though anybody may be',
      await holder({ claims: { iss: '' } }),
      /^its certificate names no identity, or no issuer of it$/,
      anybody,
    ],
    [
      'another branch',
      await holder({ claims: { ref: 'refs/heads/feature' } }),
      /says "refs\/heads\/feature" of the workflow's ref, which has to be "refs\/heads\/main"$/,
      { workflow: { ref: 'refs/heads/main' } },
    ],
    ...Object.entries({ trigger: 'schedule', sha: '0', name: 'other', repository: 'acme/app2' }).map(
      ([claim, value]): Case => [
        `another ${claim} of its workflow`,
        {},
        new RegExp(`of the workflow's ${claim}, which has to be "${value}"$`),
        { workflow: { [claim]: value } },
      ],
    ),
    [
      'a person, where a workflow is asked for',
      await holder({ subject: { email: 'ada@example.com' } }),
      /says nothing of the workflow's repository, which has to be "acme\/app"$/,
      { ...anybody, workflow: { repository: 'acme/app' } },
    ],
  ])
})

describe('a keyless signature does not count by its certificate,', async () => {
  refuses(changedBundle, [
    [
      'which another authority issued',
      { maker: await foreign.keyless() },
      /^its certificate is not trusted \(Failed to verify certificate chain: no valid certificate path found\)$/,
    ],
    [
      'which had expired by the time in the log',
      expired,
      /not trusted \(.+: certificate is not valid or expired at the specified date\)$/,
    ],
    [
      'which was not valid yet by the time in the log',
      await holder({ notBefore: inHours(2), notAfter: inHours(3) }),
      /not valid or expired at the specified date/,
    ],
    [
      'which had expired by the time of its timestamp',
      { ...expired, evidence: { timestamp: true } },
      /not valid or expired at the specified date/,
      { transparency: 'none', timestamp: 'required' },
    ],
    [
      'which has expired, without any proof of time',
      { ...expired, evidence: {} },
      /^nothing proves that its certificate was valid when it was used/,
      { transparency: 'none' },
    ],
    [
      'which is valid still, without any proof of time',
      { evidence: {} },
      /^nothing proves that its certificate was valid when it was used/,
      { transparency: 'none' },
    ],
    [
      'whose only log states no time',
      { evidence: { rekor: 2 } },
      /^nothing proves that its certificate was valid when it was used/,
    ],
    [
      'which is in no certificate transparency log',
      await holder({ ctLog: 'none' }),
      /^its certificate is not trusted \(expected 1 SCTs, got 0\)$/,
    ],
    [
      'which is in the certificate transparency log of somebody else',
      await holder({ ctLog: 'foreign' }),
      /^its certificate is not trusted \(SCT verification failed\)$/,
    ],
    [
      'which is not for signing code',
      await holder({ usage: ExtendedKeyUsage.timeStamping }),
      /^its certificate is not one for signing code$/,
    ],
    [
      'which cannot be read',
      { bundle: material(() => ({ certificate: { rawBytes: base64('not a certificate') } })) },
      /^it is malformed$/,
    ],
    [
      'which is not that of its signature',
      {
        bundle: material(() => ({ certificate: { rawBytes: stranger.certificate.raw.toString('base64') } })),
      },
      /^the signature is not by the key of its certificate, or what it signs was changed$/,
    ],
    [
      'beside which stands a key',
      { bundle: material(() => ({ publicKey: { hint: 'x' } })) },
      /^it names more than one key or certificate$/,
    ],
    [
      'where a key is asked for',
      {},
      /^it was made with a certificate, and the policy asks for a key$/,
      askedKey,
    ],
    [
      'which it has none of',
      { maker: withKey },
      /^it was made with a key, and the policy asks for a certificate$/,
    ],
  ])
})

describe('a keyless signature does not count by its envelope,', () => {
  refuses(changedBundle, [
    [
      'whose payload was changed',
      { bundle: envelope((dsse) => ({ ...dsse, payload: base64({ subject: [] }) })) },
      /^its log entry is not about this signature \(DSSE payload hash mismatch\)$/,
    ],
    [
      'whose payload was changed, where no log is asked',
      {
        evidence: { timestamp: true },
        bundle: envelope((dsse) => ({ ...dsse, payload: base64({ subject: [] }) })),
      },
      /^the signature is not by the key of its certificate, or what it signs was changed$/,
      { transparency: 'none' },
    ],
    [
      'whose signature was swapped',
      { bundle: envelope((dsse) => ({ ...dsse, signatures: [{ sig: base64('swapped') }] })) },
      /^its log entry is not about this signature \(tlog entry signature mismatch\)$/,
    ],
    [
      'which has the same signature twice',
      { bundle: envelope((dsse) => ({ ...dsse, signatures: [...dsse.signatures, ...dsse.signatures] })) },
      /^it is malformed in content\.dsseEnvelope\.signatures$/,
    ],
    [
      'over another image',
      { statement: { subject: [{ digest: { sha256: hexOf(elsewhere) } }] } },
      /^its signer signed the image \{"digest":.+, not this one$/,
    ],
    [
      'that is an attestation posing as a signature',
      { statement: { predicateType: 'https://slsa.dev/provenance/v1' } },
      /^it is an attestation \("https:\/\/slsa\.dev\/provenance\/v1"\), not a signature$/,
    ],
    [
      'that has an unknown predicate',
      { statement: { predicateType: 'text\n::error::' } },
      /^it is an attestation \("text\\n::error::"\), not a signature$/,
    ],
    [
      'without a required annotation',
      {},
      /^it does not state the annotation stage=prod$/,
      {},
      { stage: 'prod' },
    ],
    [
      'with another value of it',
      {
        statement: {
          subject: [{ digest: { sha256: hexOf(scene.image.digest) }, annotations: { stage: 'test' } }],
        },
      },
      /^it states stage="test" instead of stage="prod"$/,
      {},
      { stage: 'prod' },
    ],
    [
      'in a bundle of version 0.1',
      { bundle: (json) => ({ ...json, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1' }) },
      /not a Sigstore bundle of version 0\.3$/,
    ],
  ])
})
