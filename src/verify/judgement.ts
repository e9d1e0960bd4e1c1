import { cutText } from '../oci/cut-text.ts'
import { type Annotations, isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { quoteValue } from '../oci/quote-value.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { KeyDemand } from './key-demand.ts'

const LONGEST_QUOTE = 200

/** What was found out about one signature: the part of its verdict that does not say where it was found. */
export interface Judgement {
  readonly counts: boolean
  readonly reason: string
  readonly annotations: Annotations
}

/** A signature that does not count, for one reason. */
export function refused(reason: string, annotations: Annotations = {}): Judgement {
  return { counts: false, reason, annotations }
}

/** Judges the annotations of a signature whose key and image are right already. */
export function judgeAnnotations(stated: unknown, policy: KeyDemand): Judgement {
  const annotations = readAnnotations(stated)
  for (const [key, required] of Object.entries(policy.requireAnnotations)) {
    const actual = Object.hasOwn(annotations, key) ? annotations[key] : undefined
    if (actual === undefined)
      return refused(`it does not state the annotation ${key}=${required}`, annotations)
    if (actual !== required) {
      return refused(`it states ${key}=${quote(actual)} instead of ${key}=${quote(required)}`, annotations)
    }
  }
  return { counts: true, reason: `signed by the key sha256:${keyFingerprint(policy.publicKey)}`, annotations }
}

/** A value that somebody else wrote, as JSON and not at full length. */
export function quote(value: unknown): string {
  return cutText(toJson(value) ?? 'nothing', LONGEST_QUOTE)
}

/** Bytes as a JSON object, or `undefined`: whoever signs may sign anything. */
export function readJson(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What is nested too deeply can be read and not be written; it is called by what it is. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return quoteValue(value)
  }
}

/** Numbers and booleans are compared as the text they are written as; anything deeper is no annotation. */
function readAnnotations(stated: unknown): Annotations {
  if (!isJsonObject(stated)) return {}
  const entries = Object.entries(stated)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => [key, String(value)] as const)
  return Object.fromEntries(entries)
}
