/** As OpenSSL and Node call what is wrong with a certificate. */
const CERTIFICATE =
  /^(?:CERT_|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/
const NO_TLS: readonly string[] = ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER']

/** Why a TLS handshake failed, as far as that does not pass: the other end does not speak TLS, or its certificate is not trusted. */
export function tlsFailure(cause: unknown): 'no TLS' | 'certificate' | undefined {
  if (!(cause instanceof Error)) return undefined
  const code = 'code' in cause ? String(cause.code) : ''
  if (CERTIFICATE.test(code)) return 'certificate'
  return NO_TLS.includes(code) || cause.message.includes('wrong version number') ? 'no TLS' : undefined
}
