/** What passed one relay since it was last asked: requests by `METHOD kind`, answers by status, bytes as they were on the wire. */
export interface Traffic {
  readonly requests: Readonly<Record<string, number>>
  readonly statuses: Readonly<Record<string, number>>
  /** Bytes from the client to the registry, headers included. */
  readonly sent: number
  /** Bytes from the registry to the client, headers included. */
  readonly received: number
  readonly connections: number
  /** Most requests at one time whose answer had not begun. */
  readonly inFlight: number
}

/** How many requests these are, of all kinds together or of the kinds that `wanted` takes. */
export function countRequests(traffic: Traffic, wanted: (kind: string) => boolean = () => true): number {
  return Object.entries(traffic.requests).reduce((sum, [kind, count]) => sum + (wanted(kind) ? count : 0), 0)
}

/** The traffic of several relays as if it had passed one; `inFlight` is the largest of them. */
export function addTraffic(parts: readonly Traffic[]): Traffic {
  return {
    requests: addCounts(parts.map(({ requests }) => requests)),
    statuses: addCounts(parts.map(({ statuses }) => statuses)),
    sent: parts.reduce((sum, part) => sum + part.sent, 0),
    received: parts.reduce((sum, part) => sum + part.received, 0),
    connections: parts.reduce((sum, part) => sum + part.connections, 0),
    inFlight: Math.max(0, ...parts.map(({ inFlight }) => inFlight)),
  }
}

function addCounts(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const part of parts) {
    for (const [key, count] of Object.entries(part)) sums[key] = (sums[key] ?? 0) + count
  }
  return sums
}
