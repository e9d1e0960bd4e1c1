import * as v from 'valibot'
import { type Digest, isDigest } from '../oci/digest.ts'

/** The name and version of the format. */
export const PLAN_FORMAT = 'signed-promote/plan/v1'

const digest = v.custom<Digest>((input) => typeof input === 'string' && isDigest(input), 'is no digest')
const texts = v.array(v.string())
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const annotations = v.record(v.string(), v.string())
const form = v.picklist(['bundle', 'tag'])
const yes = v.literal(true)

const location = v.strictObject({
  file: v.string(),
  line: v.exactOptional(number),
  column: v.exactOptional(number),
})

const match = v.strictObject({ text: v.string(), kind: v.picklist(['exact', 'expression']) })

/** What a list says of one image besides its name. */
const terms = v.strictObject({
  sign: v.exactOptional(
    v.variant('by', [
      v.strictObject({ by: v.picklist(['nobody', 'keyless']) }),
      v.strictObject({ by: v.literal('key'), key: v.string() }),
    ]),
  ),
  verify: v.exactOptional(
    v.variant('by', [
      v.strictObject({ by: v.literal('nobody') }),
      v.strictObject({ by: v.literal('key'), publicKey: v.string() }),
      v.strictObject({ by: v.literal('certificate'), identity: match, issuer: match }),
    ]),
  ),
})

const entry = v.strictObject({
  subject: v.string(),
  kind: v.picklist(['image', 'child', 'atomic', 'sig', 'att', 'sbom', 'referrer']),
  digest: v.string(),
})

const amount = v.strictObject({ manifests: number, blobs: number, bytes: number })

const tag = v.variant('action', [
  v.strictObject({ tag: v.string(), action: v.picklist(['create', 'keep']) }),
  v.strictObject({ tag: v.string(), action: v.literal('move'), previous: digest }),
])

const target = v.strictObject({
  /** `host/path`. */
  repository: v.string(),
  /** What it had of the image, and lacked, wherever that would come from. */
  present: amount,
  missing: amount,
  /** Bytes that are sent here, and blobs that are mounted: what several images share is counted with the first of them. */
  bytes: number,
  mounted: number,
  /** About how many requests it takes here. */
  requests: number,
  /** What is hung on it here, or on parts of it: by a tag that is made or merged, or listed as a referrer. */
  attached: v.array(
    v.strictObject({
      kind: v.picklist(['sig', 'att', 'sbom', 'referrer']),
      digest,
      action: v.picklist(['create', 'merge', 'list']),
    }),
  ),
  /** GPG signatures for which it has no place. */
  leftBehind: number,
  tags: v.array(tag),
})

const image = v.strictObject({
  /** `host/path@sha256:…`. */
  source: v.string(),
  /** The tag by which it was found there; left out where the list named it by digest. */
  tag: v.exactOptional(v.string()),
  written: v.string(),
  annotations,
  originTags: texts,
  isTagLost: v.exactOptional(yes),
  isBundle: v.exactOptional(yes),
  terms: v.exactOptional(terms),
  location: v.exactOptional(location),
  bundle: v.exactOptional(v.strictObject({ root: v.string(), isRoot: v.boolean() })),
  signedName: v.exactOptional(v.string()),
  /** All that the source had of it. */
  inventory: v.array(entry),
  /** The rule that spoke of it, and the signatures that satisfied it. */
  rule: v.string(),
  signatures: v.array(
    v.strictObject({ form, manifest: digest, signers: texts, predicateType: v.exactOptional(v.string()) }),
  ),
  /** In which forms it is signed first, by whom, and the layers that stand under its `.sig` tags; left out where nothing is to be signed. */
  signing: v.exactOptional(v.strictObject({ forms: v.array(form), signer: digest, layers: v.array(digest) })),
  targets: v.array(target),
})

const content = v.strictObject({
  madeBy: v.string(),
  madeAt: v.string(),
  policy: v.strictObject({ name: v.string(), digest }),
  /** What copies layers, as `copy-by`, `artifactory-url` and `move` said. */
  copying: v.strictObject({
    by: v.picklist(['registry', 'artifactory']),
    url: v.exactOptional(v.string()),
    move: v.exactOptional(v.boolean()),
  }),
  /** Whether images that an index lists are signed with it, and who attests to the promotion: left out where nobody does. */
  recursive: v.boolean(),
  attester: v.exactOptional(digest),
  /** The templates of `to` and `tags`, and whether each image gets imgpkg's tag. */
  to: texts,
  tags: texts,
  imgpkgTags: v.boolean(),
  images: v.array(image),
  /** What imgpkg is told about bundles. */
  locations: v.array(
    v.strictObject({
      repository: v.string(),
      tag: v.string(),
      locations: v.array(v.strictObject({ image: v.string(), isBundle: v.boolean() })),
    }),
  ),
  /** The list as it will be at each target, and where the relative paths of keys in it start; left out without `lock-output`. */
  locks: v.exactOptional(v.strictObject({ texts, keysFrom: v.exactOptional(v.string()) })),
  /** Requests and bytes by registry. */
  hosts: v.array(
    v.strictObject({
      host: v.string(),
      side: v.picklist(['source', 'target']),
      requests: number,
      bytes: number,
    }),
  ),
  /** Which images each part holds, by their places in `images` from 0, and how good the cut is, in bytes and in bytes and requests together. */
  shards: v.array(v.array(number)),
  cut: v.strictObject({ read: v.number(), leastRead: v.number(), longest: v.number(), mean: v.number() }),
})

/** The file: what was decided, under the digest of its JSON. */
export const PLAN_FILE = v.strictObject({ schema: v.literal(PLAN_FORMAT), digest, plan: content })

type Plain = string | number | boolean | undefined

type DeepReadonly<T> = T extends Plain
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }

/** What a promotion will do, as plain data: pinned to digests, and decided in full. */
export type SavedPlan = DeepReadonly<v.InferOutput<typeof content>>

/** One image of it, with what becomes of it at each target. */
export type SavedImage = SavedPlan['images'][number]

/** What becomes of an image at one target. */
export type SavedTarget = SavedImage['targets'][number]
