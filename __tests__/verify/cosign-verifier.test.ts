import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CosignCommand } from '../../src/cosign/cosign-program.ts'
import type { CosignOutcome } from '../../src/cosign/run-cosign.ts'
import { keySigner, signedBy } from '../../src/policy/make-demand.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { CosignVerifier } from '../../src/verify/cosign-verifier.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { graphOf } from '../builders/graph-of.ts'
import { keyMaker } from '../builders/key-maker.ts'
import { memoryImage } from '../builders/memory-image.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'

const keys = buildKeys()
const DEMAND = signedBy({ ...keySigner(keys.publicKey), name: 'ours' })

/** An image with a signature in both forms. */
const image = await memoryImage('signed')
const signer = new NativeSigner({
  maker: keyMaker(keys.privateKey),
  annotations: {},
  format: 'both',
  verifier: offlineVerifier(),
})
await Array.fromAsync(signer.sign(await graphOf(image.repository, image.digest), image.repository))

/** What the verifier says with these answers of cosign's, by the name of the command, and what it asked. */
async function verdictWith(answers: Readonly<Record<string, Partial<CosignOutcome>>>, prepared = image) {
  const asked: CosignCommand[] = []
  const verifier = new CosignVerifier({
    run: async (command) => {
      asked.push(command)
      return { exitCode: 1, stdout: '', words: 'Error: no', ...answers[command.name] }
    },
    trustedRoot: () => Promise.reject(new Error('a key needs no trusted root')),
  })
  const graph = await graphOf(prepared.repository, prepared.digest)
  return { asked, verdict: await verifier.verify(graph, prepared.repository, DEMAND) }
}

function payload(change: object) {
  const critical = {
    identity: { 'docker-reference': 'registry.example/team/app' },
    image: { 'docker-manifest-digest': image.digest },
    type: 'cosign container image signature',
  }
  return JSON.stringify([{ critical: { ...critical, ...change }, optional: null }])
}

test('asks for both forms, each of them by a process on one image', async () => {
  const { asked, verdict } = await verdictWith({})
  assert.deepEqual(
    asked
      .map(
        ({ name, flags }) => `${name} ${flags.filter((flag) => /bundle|type|output/.test(flag)).join(' ')}`,
      )
      .toSorted(),
    [
      'verify --new-bundle-format=false --output=json',
      'verify-attestation --new-bundle-format=true --type=https://sigstore.dev/cosign/sign/v1',
    ],
  )
  assert.deepEqual(
    asked.map(({ image: name, files }) => `${name} ${files?.key === keys.publicPem}`),
    asked.map(() => `registry.example/team/app@${image.digest} true`),
  )
  assert.deepEqual(verdict.lacking, ['no signature by ours'])
  assert.deepEqual(
    verdict.signatures.map(({ counts, reason }) => `${counts} ${reason}`),
    ['false cosign says: Error: no', 'false cosign says: Error: no'],
  )
})

test('counts what cosign accepts', async () => {
  const { verdict } = await verdictWith({ verify: { exitCode: 0, stdout: payload({}) } })
  assert.deepEqual(
    verdict.signatures.map(({ form, counts, signers }) => ({ form, counts, signers })),
    [
      { form: 'tag', counts: true, signers: ['ours'] },
      { form: 'bundle', counts: false, signers: [] },
    ],
  )
  assert.equal(verdict.satisfied, true)
})

for (const [name, change, reason] of [
  ['of another type', { type: 'https://example.com/attestation' }, /is of the type "https:\/\/example\.com/],
  ['of another image', { image: { 'docker-manifest-digest': 'sha256:0' } }, /signed the image "sha256:0"/],
] as const) {
  test(`does not count what cosign accepts ${name}`, async () => {
    const { verdict } = await verdictWith({ verify: { exitCode: 0, stdout: payload(change) } })
    assert.equal(verdict.satisfied, false)
    assert.match(verdict.signatures[0]?.reason ?? '', reason)
  })
}

test('does not count a bundle that cosign did not name', async () => {
  const envelope = {
    payloadType: 'application/vnd.in-toto+json',
    payload: 'e30=',
    signatures: [{ sig: 'MEQ=' }],
  }
  const stdout = JSON.stringify(envelope)
  const { verdict } = await verdictWith({ 'verify-attestation': { exitCode: 0, stdout } })
  assert.equal(verdict.satisfied, false)
  assert.match(verdict.signatures[1]?.reason ?? '', /what it accepts is not what was asked for/)
})

test('an image without a signature is refused without a process', async () => {
  const { asked, verdict } = await verdictWith({}, await memoryImage('bare'))
  assert.deepEqual(
    [asked, verdict],
    [[], { satisfied: false, signatures: [], lacking: ['no signature by ours'] }],
  )
})

for (const exitCode of [undefined, 2, 130]) {
  test(`ended with ${exitCode}, cosign has given no verdict`, async () => {
    await assert.rejects(() => verdictWith({ verify: { exitCode, words: 'panic' } }), {
      kind: 'verification',
      hint: /That is no verdict/,
    })
  })
}

for (const exitCode of [1, 10, 11, 12, 13]) {
  test(`ended with ${exitCode}, cosign has found nothing that counts`, async () => {
    assert.equal((await verdictWith({ verify: { exitCode } })).verdict.satisfied, false)
  })
}
