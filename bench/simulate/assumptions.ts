/** What nobody publishes and the model needs; each is said on the page. Seconds, bytes, bytes a second. */
export const ASSUMPTIONS = {
  /** From the start of a job to the first request: a runner is found and started, the action fetched, registries logged in to. */
  jobStart: 30,
  /** Each way, for a runner; those of a cloud have more. */
  runnerBandwidth: 125_000_000,
  /** A request to a hosted registry, from a runner somewhere else. */
  hostedLatency: 0.05,
  /** A request to a registry in the runner's own network. */
  nearLatency: 0.005,
  /** Processor time of this program for a request, the verification included: 21 s for 101,905 of them (docs/performance.md, "Scale"). */
  processorPerRequest: 0.000_25,
  /** Processor time for a byte that is read or written: 3 s for 1 GiB that is read, written and read back (docs/performance.md, workload A). */
  processorPerByte: 1e-9,
  /** Requests a registry lets through at once that has answered none for a while: those of one second. */
  burst: 1,
} as const
