import { type LinkShape, Relay } from './relay.ts'
import type { Traffic } from './traffic.ts'

/** What the bench asks of the process with the relays; each gets one answer. */
export type RelayQuestion =
  | { readonly ask: 'open'; readonly target: string }
  | { readonly ask: 'shape'; readonly relay: number; readonly shape: LinkShape }
  | { readonly ask: 'traffic'; readonly relay: number }

/** `host` for `open`, `traffic` for `traffic`. */
export interface RelayAnswer {
  readonly host?: string
  readonly traffic?: Traffic
}

const relays: Relay[] = []

async function answer(question: RelayQuestion): Promise<RelayAnswer> {
  if (question.ask === 'open') {
    const relay = new Relay(question.target)
    relays.push(relay)
    return { host: await relay.listen() }
  }
  const relay = relays[question.relay]
  if (relay === undefined) throw new Error(`there is no relay ${question.relay}`)
  if (question.ask === 'traffic') return { traffic: relay.takeTraffic() }
  relay.shape(question.shape)
  return {}
}

if (import.meta.main) {
  let last = Promise.resolve()
  process.on('message', (question: RelayQuestion) => {
    // One at a time: answers come in the order of the questions.
    last = last.then(async () => void process.send?.(await answer(question)))
  })
  process.on('disconnect', () => process.exit())
}
