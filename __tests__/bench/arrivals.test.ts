import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addArrivals, countArrivals, isComplete } from '../../bench/arrivals.ts'
import { buildTinyImages } from '../../bench/samples/build-samples.ts'
import { pushSamples } from '../../bench/samples/push-samples.ts'
import type { SampleImage } from '../../bench/samples/sample-image.ts'
import { buildAttestation, buildReferrer } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { startRegistry } from '../fakes/registry-server.ts'

const keys = buildKeys()
const samples: readonly SampleImage[] = buildTinyImages('arrivals', 2, keys).map((sample) => ({
  ...sample,
  attached: [
    ...sample.attached,
    buildAttestation(sample.image.descriptor, keys, 'https://example.com/test'),
    buildReferrer(sample.image.descriptor, 'application/vnd.example.sbom', sample.tag),
  ],
}))

for (const referrersApi of [true, false]) {
  for (const spread of [true, false]) {
    const where = `${spread ? 'in repositories of their own' : 'in one repository'}, ${referrersApi ? 'with' : 'without'} the referrers API`
    test(`finds everything that was pushed ${where}`, async () => {
      await using registry = await startRegistry({ referrersApi })
      const place = { host: registry.host, repository: 'bench/app', spread }
      await pushSamples(samples, place)
      const arrivals = await countArrivals(samples, place)
      const both = { arrived: 2, expected: 2 }
      assert.deepEqual(arrivals, { images: both, sig: both, att: both, referrers: both })
      assert.ok(isComplete(arrivals))
    })
  }
}

test('sees what is missing', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  const place = { host: registry.host, repository: 'bench/app', spread: false }
  const [first, second] = samples
  assert.ok(first && second)
  await pushSamples([first, { ...second, attached: [] }], place)
  const arrivals = await countArrivals(samples, place)
  const half = { arrived: 1, expected: 2 }
  assert.deepEqual(arrivals, { images: { arrived: 2, expected: 2 }, sig: half, att: half, referrers: half })
  assert.ok(!isComplete(arrivals))
  assert.equal(addArrivals([arrivals, arrivals]).sig.arrived, 2)
})
