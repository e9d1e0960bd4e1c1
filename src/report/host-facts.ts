import type { HostCosts } from '../plan/plan-costs.ts'
import { count, formatBytes } from './safe-text.ts'

/** What applying a plan asks of one registry, in one line behind its name; the numbers of requests are estimates. */
export function hostFacts({ side, requests, looks, bytes }: HostCosts): string {
  const again = looks > 0 ? `, ${looks} of them to look again first` : ''
  const way = side === 'source' ? 'read' : 'sent'
  return `about ${count(requests + looks, 'request')}${again}; ${formatBytes(bytes)} ${way}`
}
