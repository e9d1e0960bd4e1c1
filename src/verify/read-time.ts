import type { Timestamps } from './open-signature.ts'

type Timestamp = Timestamps[number]

/** The place of `genTime` in what a timestamp authority signs (RFC 3161, section 2.4.2, TSTInfo). */
const TIME_FIELD = 4
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+)?Z$/

/**
 * The same time; one by a timestamp authority with any number of digits behind the second, as authorities may write it (RFC 3161, section
 * 2.4.2), where the library reads none or three. What was signed stays as it is. Throws an Error when it is no time.
 */
export function readTime(time: Timestamp): Timestamp {
  if (time.$case !== 'timestamp-authority') return time
  const text = time.timestamp.tstInfo.root.subs[TIME_FIELD]?.value.toString('latin1') ?? ''
  const [, year, month, day, hour, minute, second] = GENERALIZED_TIME.exec(text) ?? []
  const signingTime = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(signingTime.getTime())) throw new Error('the timestamp states no time')
  const timestamp: typeof time.timestamp = Object.create(time.timestamp, {
    signingTime: { value: signingTime },
  })
  return { ...time, timestamp }
}
