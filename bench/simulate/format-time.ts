const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** From so many minutes or hours on a fraction says nothing more. */
const PRECISE = 10
const MANY = 3

/** A duration in seconds, as exact as a model deserves. */
export function formatTime(seconds: number): string {
  if (seconds >= MANY * DAY) return `${Math.round(seconds / DAY)} days`
  if (seconds >= 2 * HOUR) return `${(seconds / HOUR).toFixed(1)} h`
  const minutes = seconds / MINUTE
  return `${minutes < PRECISE ? minutes.toFixed(1) : Math.round(minutes)} min`
}
