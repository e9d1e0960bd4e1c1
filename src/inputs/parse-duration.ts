/** A time such as `90s`, `45m`, `2h` or `1h30m` in milliseconds; `undefined` when the text is something else. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text)
  if (text === '' || parts === null) return undefined
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((digits = '0') => Number(digits))
  return ((hours * 60 + minutes) * 60 + seconds) * 1000
}
