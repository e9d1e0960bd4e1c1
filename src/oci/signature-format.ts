/** Annotations of a layer under a `.sig` tag (cosign, specs/SIGNATURE_SPEC.md, "Storage"). */
export const LAYER_ANNOTATIONS = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  /** An entry of Rekor v1, with the log's promise to include it. */
  logEntry: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** `critical.type` of cosign's simple signing payload; other programs use other words for other claims. */
export const PAYLOAD_TYPE = 'cosign container image signature'

/** The type of a DSSE envelope whose payload is an in-toto statement (in-toto attestation framework, "Envelope"). */
export const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json'

/** `_type` of an in-toto statement, version 1 (in-toto attestation framework, "Statement"). */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'

/** `_type` of the statements that cosign attests under the `.att` tag. */
export const STATEMENT_TYPE_0_1 = 'https://in-toto.io/Statement/v0.1'

/** The predicate that makes a statement a signature, and not an attestation of something else. */
export const SIGNATURE_PREDICATE = 'https://sigstore.dev/cosign/sign/v1'

/** What every version's media type of a Sigstore bundle starts with. */
export const SIGSTORE_BUNDLE_PREFIX = 'application/vnd.dev.sigstore.bundle'
