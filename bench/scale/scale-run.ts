/** One run of the scale curve, nothing changed unless the command says so. Seconds, bytes, counts. */
export interface ScaleRun {
  readonly images: number
  readonly command: string
  readonly link: string
  readonly wall: number
  readonly cpu: number
  readonly memory: number
  readonly requests: number
  readonly failure: string | null
}
