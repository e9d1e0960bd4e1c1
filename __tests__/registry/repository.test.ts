import { testTargetRepository } from '../contracts/target-repository.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect } from './connect.ts'

const NAME = { registry: 'registry.example', path: 'team/app' }
const SIBLING = { registry: 'registry.example', path: 'team/sibling' }

for (const hasReferrersApi of [true, false]) {
  const mode = hasReferrersApi ? 'with the referrers API' : 'without the referrers API'

  testTargetRepository(`in memory, ${mode}`, async () => {
    const sibling = new MemoryRepository(SIBLING)
    const repository = new MemoryRepository(NAME, [sibling])
    repository.hasReferrersApi = hasReferrersApi
    return { repository, sibling }
  })

  testTargetRepository(`remote, ${mode}`, async (context) => {
    const registry = await startRegistry({ referrersApi: hasReferrersApi })
    context.after(() => registry.stop())
    const repository = connect(context, registry, { mergePause: 1 })
    return { repository, sibling: connect(context, registry, { path: SIBLING.path }) }
  })
}
