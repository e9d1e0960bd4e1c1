import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Artifactory } from '../../src/artifactory/artifactory.ts'
import { ArtifactoryClient } from '../../src/artifactory/artifactory-client.ts'
import { ArtifactoryInstance } from '../../src/artifactory/artifactory-instance.ts'
import { PromotionError } from '../../src/errors.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { totalsOf } from '../../src/plan/plan-totals.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const CLOUD = 'https://acme.jfrog.io/artifactory'
const registries = new WatchedRegistries(buildCompleteSample('planned', buildKeys()))

function artifactoryAt(url: string, moves = false): Artifactory {
  const client = new ArtifactoryClient(new URL(url), new HttpClient(), () => Promise.resolve(undefined))
  return new Artifactory(new ArtifactoryInstance(new URL(url), client), registries, moves)
}

/** The plan with its source and its target under other names. */
async function planBetween(source: string, target: string): Promise<Plan> {
  const { images, ...plan } = await registries.plan(['prod.example/app'])
  const [from, to] = [source, target].map((name) => parseRepositoryName(name))
  assert.ok(from && to)
  const renamed = images.map(({ image, targets, ...rest }) => ({
    ...rest,
    image: { ...image, reference: { ...image.reference, repository: from } },
    targets: targets.map((one) => ({ ...one, repository: to })),
  }))
  return { ...plan, images: renamed }
}

test('between two hosts of one Artifactory no blob is planned to be sent', async () => {
  const plan = await registries.plan(['prod.example/app'])
  const { blobs, mounts } = totalsOf(plan)
  assert.ok(blobs > 0 && mounts === 0)
  const own = totalsOf(await artifactoryAt('https://example/artifactory').planFor(plan))
  assert.deepEqual([own.blobs, own.mounts], [0, blobs])
})

test('each repository of another place is told, with what its name may be', async () => {
  const plan = await registries.plan(['prod.example/app', 'elsewhere.test/app'])
  await assert.rejects(artifactoryAt('https://example/artifactory').planFor(plan), (error: unknown) => {
    assert.ok(error instanceof PromotionError)
    assert.match(
      error.message,
      /^elsewhere\.test\/app does not belong to the Artifactory at https:\/\/example/,
    )
    assert.match(String(error.hint), /example\/KEY\/IMAGE or KEY\.example\/IMAGE/)
    return error.kind === 'input'
  })
})

for (const [what, source, target] of [
  ['by another of its names', 'acme.jfrog.io/docker-prod/team/app', 'acme-docker-prod.jfrog.io/team/app'],
  [
    'in a folder of it, as a tag is',
    'acme.jfrog.io/docker-prod/team/app',
    'acme.jfrog.io/docker-prod/team/app/v1',
  ],
] as const) {
  test(`a target that is the source ${what} is refused for a move, before Artifactory is asked`, async () => {
    const plan = await planBetween(source, target)
    await assert.rejects(artifactoryAt(CLOUD, true).planFor(plan), {
      kind: 'input',
      message: /^acme\.jfrog\.io\/docker-prod\/team\/app is a target as well, or the folder of one/,
    })
    assert.ok(await artifactoryAt(CLOUD).planFor(plan))
  })
}
