import { numberOfEach } from './number-of-each.ts'
import type { ComingResult, TargetResult } from './run-result.ts'
import { count, formatBytes } from './safe-text.ts'
import { shortDigest } from './short-digest.ts'

/** What a plan does at one target of an image, in a few words each; the texts are not escaped, and empty for nothing. */
export interface PlanCells {
  readonly present: string
  readonly mounted: string
  readonly sent: string
  readonly requests: string
  readonly attached: string
  readonly tags: readonly string[]
}

/** The columns in which cells are shown, those of `tags` last. */
export const PLAN_COLUMNS = ['present', 'mounted', 'sent', 'requests', 'attached', 'tags'] as const

/** Says what a plan does at one target of an image. */
export function planCells({ present, missing, coming, tags }: TargetResult): PlanCells {
  const isAll = missing.manifests + missing.blobs === 0
  return {
    present: isAll
      ? `all, ${formatBytes(present.bytes)}`
      : present.bytes > 0
        ? formatBytes(present.bytes)
        : '',
    mounted: coming?.mountedBlobs
      ? `${count(coming.mountedBlobs, 'blob')}, ${formatBytes(coming.mountedBytes)}`
      : '',
    sent: coming === undefined ? '' : sent(coming),
    requests: coming?.requests ? `about ${coming.requests}` : '',
    attached: attached(coming?.attached ?? []),
    tags: tags.map(tagWords),
  }
}

function sent({ manifests, blobs, bytes }: ComingResult): string {
  const parts = [
    ...(manifests > 0 ? [count(manifests, 'manifest')] : []),
    ...(blobs > 0 ? [count(blobs, 'blob')] : []),
  ]
  return parts.length === 0 ? '' : [...parts, formatBytes(bytes)].join(', ')
}

/** `1 sig, 2 referrer, 1 att merged`. */
function attached(artifacts: ComingResult['attached']): string {
  return numberOfEach(artifacts.map(({ kind, action }) => (action === 'merge' ? `${kind} merged` : kind)))
}

function tagWords({ tag, action, previous }: TargetResult['tags'][number]): string {
  const at = previous === undefined ? 'another image' : shortDigest(previous)
  switch (action) {
    case 'create':
    case 'keep':
      return `${action} ${tag}`
    case 'move':
      return `move ${tag} from ${at}`
    case 'refuse':
      return `refuse ${tag}, which is at ${at}`
  }
}
