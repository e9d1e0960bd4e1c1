import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findTrustedRoot } from '../../src/sigstore/trusted-root.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { temporaryFolder } from '../builders/script.ts'
import { startPrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'

const sigstore = await startPrivateSigstore()
after(() => sigstore.close())

const noTargets = () => Promise.reject(new Error('nothing is to be fetched'))

test('a trusted root from a file is read, and nothing is fetched', async (context) => {
  const trustedRoot = join(await temporaryFolder(context), 'root.json')
  await writeFile(trustedRoot, sigstore.trustedRoot)
  const { certificateAuthorities } = await findTrustedRoot({ trustedRoot }, noTargets)
  assert.equal(certificateAuthorities[0]?.uri, sigstore.fulcioUrl)
})

test('without a file the trusted root is what the Sigstore instance publishes', async () => {
  const asked: string[] = []
  const read = async (name: string) => {
    asked.push(name)
    return sigstore.trustedRoot
  }
  const { tlogs } = await findTrustedRoot({ trustedRoot: undefined }, async () => ({ read }))
  assert.equal(tlogs.length, 2)
  assert.deepEqual(asked, ['trusted_root.json'])
})

test('a file that cannot be read is an error of the input, and nothing is fetched in its place', async (context) => {
  const trustedRoot = join(await temporaryFolder(context), 'nowhere.json')
  const [problem] = await problemsOf(() => findTrustedRoot({ trustedRoot }, noTargets))
  assert.equal(problem?.kind, 'input')
  assert.equal(problem?.message, `The trusted root ${trustedRoot} cannot be read`)
})
