import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Artifactory } from '../../src/artifactory/artifactory.ts'
import { ArtifactoryClient } from '../../src/artifactory/artifactory-client.ts'
import { ArtifactoryInstance } from '../../src/artifactory/artifactory-instance.ts'
import { PromotionError } from '../../src/errors.ts'
import { totalsOf } from '../../src/plan/plan-totals.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const registries = new WatchedRegistries(buildCompleteSample('planned', buildKeys()))

function artifactoryAt(url: string): Artifactory {
  const client = new ArtifactoryClient(new URL(url), new HttpClient(), () => Promise.resolve(undefined))
  return new Artifactory(new ArtifactoryInstance(new URL(url), client), registries, false)
}

test('between two hosts of one Artifactory no blob is planned to be sent', async () => {
  const plan = await registries.plan(['prod.example/app'])
  const { blobs, mounts } = totalsOf(plan)
  assert.ok(blobs > 0 && mounts === 0)
  const own = totalsOf(artifactoryAt('https://example/artifactory').planFor(plan))
  assert.deepEqual([own.blobs, own.mounts], [0, blobs])
})

test('each repository of another place is told, with what its name may be', async () => {
  const plan = await registries.plan(['prod.example/app', 'elsewhere.test/app'])
  assert.throws(
    () => artifactoryAt('https://example/artifactory').planFor(plan),
    (error: unknown) => {
      assert.ok(error instanceof PromotionError)
      assert.match(
        error.message,
        /^elsewhere\.test\/app does not belong to the Artifactory at https:\/\/example/,
      )
      assert.match(String(error.hint), /example\/KEY\/IMAGE or KEY\.example\/IMAGE/)
      return error.kind === 'input'
    },
  )
})
