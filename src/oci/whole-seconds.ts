/** A time in UTC (RFC 3339) without the fraction of its second, as cosign and SLSA's examples write it. */
export function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
