import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { initTUF } from '@sigstore/tuf'
import { temporaryFolder } from '../../builders/script.ts'
import { startPrivateSigstore } from './private-sigstore.ts'

test('a client of the TUF mirror gets the trusted root and the signing config, from its own root alone', async (context) => {
  await using sigstore = await startPrivateSigstore()
  await using other = await startPrivateSigstore()
  const folder = await temporaryFolder(context)
  async function open(name: string, root: string) {
    const rootPath = join(folder, `${name}.json`)
    await writeFile(rootPath, root)
    return initTUF({ mirrorURL: sigstore.tufUrl, rootPath, cachePath: join(folder, name), retry: 0 })
  }
  const tuf = await open('own', sigstore.tufRoot)
  assert.equal(await tuf.getTarget('trusted_root.json'), sigstore.trustedRoot)
  const signingConfig = sigstore.signingConfig({ rekor: 1, timestamp: true })
  assert.equal(await tuf.getTarget('signing_config.v0.2.json'), signingConfig)
  await assert.rejects(open('foreign', other.tufRoot))
})
