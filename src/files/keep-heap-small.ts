import { setFlagsFromString } from 'node:v8'

/** Bytes of a list of a thousand images or more, from which on memory is worth more than the processor time that this costs. */
const LONG_TEXT = 128 * 1024

/**
 * Has V8 clear up sooner in a run that reads so long a text, such as a list or a plan: on a machine with many gigabytes it sets 128 MiB aside
 * for new objects, and lets the old ones grow to four times what is in use. Call it before the text is parsed.
 */
export function keepHeapSmall(bytes: number): void {
  if (bytes < LONG_TEXT) return
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=25')
}
