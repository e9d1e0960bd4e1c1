import { PromotionError } from '../errors.ts'
import type { Logging } from '../inputs/settings.ts'
import type { Evidence } from '../policy/trusted-signer.ts'
import type { SigningServices } from '../sigstore/signing-services.ts'
import type { SignatureForm } from '../verify/verifier.ts'

/** A transparency log and the version of its API. */
export interface LogService {
  readonly version: 1 | 2
  readonly url: URL
}

/** Who bears witness to a signature. */
export interface Witnesses {
  readonly logs: readonly LogService[]
  readonly timestamps: readonly URL[]
}

/** The witnesses of each form of a signature, and what signatures of this run carry in every form. */
export interface WitnessPlan extends Readonly<Record<SignatureForm, Witnesses>> {
  readonly evidence: Evidence
}

/** What is to be signed, and how. */
export interface SigningIntent {
  readonly by: 'key' | 'keyless'
  readonly transparency: Logging
  /** The forms in which this run writes signatures; statements are bundles. */
  readonly forms: readonly SignatureForm[]
}

/**
 * Decides which services each form of a signature is shown to. A Sigstore bundle takes them all, of logs those of the newest version; the
 * annotations under a `.sig` tag hold one entry, of version 1 of Rekor, and one timestamp. Throws a PromotionError of kind `input` when a
 * form would lack what is wanted, or when a certificate would come without a proof of the time at which it was used.
 */
export function planWitnesses(intent: SigningIntent, services: SigningServices): WitnessPlan {
  const { by, transparency, forms } = intent
  requireFulcio(intent, services)
  const plan = { bundle: witnessesOfBundle(intent, services), tag: witnessesOfTag(intent, services) }
  if (transparency !== 'none' && hasNoLog(services)) throw noLog()
  for (const form of forms) {
    const { logs, timestamps } = plan[form]
    if (by === 'keyless') requireTime(form, plan[form])
    if (transparency === 'rekor' && logs.length === 0) throw notInTag(timestamps.length > 0)
  }
  const isLogged = forms.every((form) => plan[form].logs.length > 0)
  const isDated = forms.every((form) => plan[form].timestamps.length > 0)
  return {
    ...plan,
    evidence: { transparency: isLogged ? 'rekor' : 'none', timestamp: isDated ? 'required' : 'none' },
  }
}

/** Version 2 of Rekor states no time: without another witness of it a certificate needs version 1. */
function witnessesOfBundle(
  { by, transparency }: SigningIntent,
  { rekor, timestamp }: SigningServices,
): Witnesses {
  if (transparency === 'none') return { logs: [], timestamps: timestamp }
  const needsTime = by === 'keyless' && timestamp.length === 0
  const isNew = rekor.v2.length > 0 && !(needsTime && rekor.v1.length > 0)
  const logs = isNew ? toLogs(2, rekor.v2) : toLogs(1, rekor.v1)
  return { logs, timestamps: timestamp }
}

function witnessesOfTag({ transparency }: SigningIntent, { rekor, timestamp }: SigningServices): Witnesses {
  const logs = transparency === 'none' ? [] : toLogs(1, rekor.v1.slice(0, 1))
  return { logs, timestamps: timestamp.slice(0, 1) }
}

function toLogs(version: 1 | 2, urls: readonly URL[]): readonly LogService[] {
  return urls.map((url) => ({ version, url }))
}

function hasNoLog({ rekor }: SigningServices): boolean {
  return rekor.v1.length + rekor.v2.length === 0
}

function requireFulcio({ by }: SigningIntent, { fulcio }: SigningServices): void {
  if (by === 'key' || fulcio !== undefined) return
  throw new PromotionError('input', 'Keyless signing needs a certificate authority, and none is named', {
    hint: 'Add `fulcio-url`, or a signing config that names one.',
  })
}

function requireTime(form: SignatureForm, { logs, timestamps }: Witnesses): void {
  if (timestamps.length > 0 || logs.some(({ version }) => version === 1)) return
  const place = form === 'bundle' ? 'A keyless signature' : 'A keyless signature under the .sig tag'
  throw new PromotionError(
    'input',
    `${place} needs a proof of its time: an entry in a log of Rekor's version 1, or a timestamp`,
    {
      hint:
        form === 'bundle'
          ? 'Add `timestamp-url`, or a signing config that names a timestamp authority.'
          : 'Add `timestamp-url` or `rekor-url` for a log of version 1, or write bundles only: `signature-format: bundle`.',
    },
  )
}

function noLog(): PromotionError {
  return new PromotionError('input', '`transparency: rekor` needs a transparency log, and none is named', {
    hint: 'Add `rekor-url`, or a signing config that names a log.',
  })
}

function notInTag(isDated: boolean): PromotionError {
  return new PromotionError(
    'input',
    "A signature under the .sig tag cannot hold an entry of Rekor's version 2, and no log of version 1 is named",
    {
      hint: `Write bundles only (\`signature-format: bundle\`), name a log of version 1 with \`rekor-url\`${isDated ? ', or do without the log: `transparency: none`' : ''}.`,
    },
  )
}
