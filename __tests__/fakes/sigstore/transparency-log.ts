import { json } from '@sigstore/core'
import type { TransparencyLogEntry } from '@sigstore/protobuf-specs'
import { LOG_NAME, type LogKey, signWithLogKey } from './log-key.ts'
import { type Inclusion, MerkleLog } from './merkle-log.ts'

/** What a log keeps of a signature. */
export interface EntryBody {
  readonly kind: string
  readonly apiVersion: string
  readonly spec: unknown
}

interface LogOptions {
  /** Where the log is reached. */
  readonly url: string
  readonly key: LogKey
  /** The first line of its checkpoints. */
  readonly origin: string
  /** Whether it states the time of an entry and signs that, as Rekor v1 does. */
  readonly promises: boolean
}

/** A log that takes any entry as true: whoever serves it looks at entries first. */
export class TransparencyLog {
  readonly url: string
  readonly key: LogKey
  readonly #origin: string
  readonly #promises: boolean
  readonly #tree = new MerkleLog()

  constructor({ url, key, origin, promises }: LogOptions) {
    this.url = url
    this.key = key
    this.#origin = origin
    this.#promises = promises
  }

  /** Adds an entry in its canonical form (RFC 8785); `at` is the time that the log states, in whole seconds. */
  append(body: EntryBody, at: Date = new Date()): TransparencyLogEntry {
    const canonicalizedBody = Buffer.from(json.canonicalize(body))
    const inclusion = this.#tree.append(canonicalizedBody)
    const logIndex = String(inclusion.index)
    const integratedTime = this.#promises ? Math.floor(at.getTime() / 1000) : 0
    const promise = { canonicalizedBody, integratedTime, logIndex: inclusion.index }
    return {
      logIndex,
      logId: { keyId: this.key.id },
      kindVersion: { kind: body.kind, version: body.apiVersion },
      integratedTime: String(integratedTime),
      inclusionPromise: this.#promises ? { signedEntryTimestamp: this.#sign(promise) } : undefined,
      inclusionProof: {
        logIndex,
        rootHash: inclusion.root,
        treeSize: String(inclusion.size),
        hashes: [...inclusion.path],
        checkpoint: { envelope: this.#checkpoint(inclusion) },
      },
      canonicalizedBody,
    }
  }

  #sign(promise: { canonicalizedBody: Buffer; integratedTime: number; logIndex: number }): Buffer {
    const payload = {
      body: promise.canonicalizedBody.toString('base64'),
      integratedTime: promise.integratedTime,
      logID: this.key.id.toString('hex'),
      logIndex: promise.logIndex,
    }
    return signWithLogKey(this.key, json.canonicalize(payload))
  }

  /** A signed note over the tree's size and root (C2SP tlog-checkpoint). */
  #checkpoint({ size, root }: Inclusion): string {
    const note = `${this.#origin}\n${size}\n${root.toString('base64')}\n`
    const signature = Buffer.concat([this.key.id.subarray(0, 4), signWithLogKey(this.key, note)])
    return `${note}\n\u2014 ${LOG_NAME} ${signature.toString('base64')}\n`
  }
}
