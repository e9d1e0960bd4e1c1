import * as v from 'valibot'
import { type ErrorKind, EXIT_CODES } from '../errors.ts'
import type { Command } from '../inputs/settings.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import { isTag } from '../oci/reference.ts'
import { COMMAND_TITLES } from './command-titles.ts'
import { REPORT_FORMAT } from './report-format.ts'
import type { ReportedRun } from './reported-run.ts'

const digest = v.custom<Digest>((input) => typeof input === 'string' && isDigest(input), 'it is not a digest')
const tagName = v.custom<string>((input) => typeof input === 'string' && isTag(input), 'it is not a tag')
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const texts = v.array(v.string())
const kind = v.custom<ErrorKind>(
  (input) => typeof input === 'string' && Object.hasOwn(EXIT_CODES, input),
  'it is not a kind of error',
)
const command = v.custom<Command>(
  (input) => typeof input === 'string' && Object.hasOwn(COMMAND_TITLES, input),
  'it is not a command',
)

const error = v.object({
  kind,
  message: v.string(),
  hint: v.exactOptional(v.string()),
  location: v.exactOptional(
    v.object({ file: v.string(), line: v.exactOptional(number), column: v.exactOptional(number) }),
  ),
})

const amount = v.object({ manifests: number, blobs: number, bytes: number })

const tag = v.variant('action', [
  v.object({ tag: tagName, action: v.picklist(['create', 'keep']), done: v.boolean() }),
  v.object({
    tag: tagName,
    action: v.picklist(['move', 'refuse']),
    previous: v.exactOptional(digest),
    done: v.boolean(),
  }),
])

const target = v.object({
  target: v.string(),
  repository: v.string(),
  outcome: v.picklist(['copied', 'present', 'planned', 'drifted', 'failed']),
  present: amount,
  missing: amount,
  sent: amount,
  mounted: number,
  merged: texts,
  tags: v.array(tag),
  attested: v.nullable(v.picklist(['made', 'present', 'none', 'failed'])),
})

const image = v.object({
  source: v.string(),
  digest,
  signed: texts,
  targets: v.array(target),
})

const plan = v.object({
  place: v.string(),
  digest,
  shard: v.exactOptional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,2}\/[1-9]\d{0,2}$/))),
  shards: v.pipe(number, v.minValue(1)),
})

const totals = v.object({
  images: number,
  copied: number,
  present: number,
  signed: number,
  notToSign: number,
  verified: number,
  attested: number,
  mountedBlobs: number,
  sentBlobs: number,
  sentManifests: number,
  bytes: number,
  tags: number,
})

/** The shape of a report that this program wrote; what it holds besides is dropped. */
export const REPORT_SCHEMA: v.GenericSchema<unknown, ReportedRun> = v.object({
  schema: v.literal(REPORT_FORMAT),
  command,
  succeeded: v.boolean(),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  finishedAt: v.pipe(v.string(), v.isoTimestamp()),
  plan: v.nullable(plan),
  images: v.array(image),
  totals,
  warnings: texts,
  errors: v.array(error),
})
