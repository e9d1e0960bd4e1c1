// The library of certificates throws without it, and it has to be loaded first.
import 'reflect-metadata'
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { certificateExtensions } from './certificate-extensions.ts'
import { CtLog, tbsOf, timestampList } from './ct-log.ts'
import { der, OCTET_STRING } from './der.ts'
import type { IdentityClaims } from './identity-claims.ts'

/** Whom a certificate names: the address of a workflow, or an email address. */
export type CertificateSubject = { readonly uri: string } | { readonly email: string }

export interface CertificateRequest {
  readonly publicKey: KeyObject
  readonly subject: CertificateSubject
  /** Those that become extensions; none by default. */
  readonly claims?: Partial<IdentityClaims>
  readonly notBefore: Date
  readonly notAfter: Date
  /** Which certificate transparency log has seen the certificate; the private Sigstore's own by default. */
  readonly ctLog?: 'own' | 'foreign' | 'none'
  /** What the key may be used for; signing code by default. */
  readonly usage?: x509.ExtendedKeyUsage
}

/** A certificate with those above it. */
export interface IssuedCertificate {
  /** DER. */
  readonly raw: Buffer<ArrayBuffer>
  readonly pem: string
  /** The intermediate certificate and the root, in PEM. */
  readonly chain: string
}

interface KeyOf {
  readonly name: string
  readonly keys: webcrypto.CryptoKeyPair
  readonly certificate: x509.X509Certificate
}

type Content = x509.X509CertificateCreateWithKeyParams & { readonly extensions: x509.Extension[] }

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' }
const YEAR_MS = 365 * 24 * 60 * 60 * 1000
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2'
const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags

/** A certificate authority as Fulcio runs one, with an intermediate certificate, and a certificate transparency log. */
export class CertificateAuthority {
  readonly ctLog = new CtLog()
  readonly #root: KeyOf
  readonly #intermediate: KeyOf

  private constructor(root: KeyOf, intermediate: KeyOf) {
    this.#root = root
    this.#intermediate = intermediate
  }

  static async create(): Promise<CertificateAuthority> {
    const root = await makeAuthority('CN=root,O=private Sigstore')
    return new CertificateAuthority(root, await makeAuthority('CN=intermediate,O=private Sigstore', root))
  }

  /** The intermediate certificate and the root, in DER. */
  get certificates(): readonly Buffer[] {
    return [this.#intermediate, this.#root].map(({ certificate }) => Buffer.from(certificate.rawData))
  }

  /** Issues a certificate for signing code, without asking who wants it. */
  async issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const { ctLog = 'own' } = request
    const wanted = await this.#contentOf(request)
    const draft = await x509.X509CertificateGenerator.create(wanted)
    const log = ctLog === 'own' ? this.ctLog : new CtLog()
    const certificate = ctLog === 'none' ? draft : await this.#withTimestamp(wanted, draft, log)
    const above = [this.#intermediate, this.#root].map(
      (authority) => `${authority.certificate.toString('pem')}\n`,
    )
    return {
      raw: Buffer.from(certificate.rawData),
      pem: `${certificate.toString('pem')}\n`,
      chain: above.join(''),
    }
  }

  async #contentOf({ publicKey, subject, claims = {}, ...times }: CertificateRequest): Promise<Content> {
    const key = publicKey.export({ type: 'spki', format: 'der' })
    const name: x509.JsonGeneralName =
      'uri' in subject ? { type: 'url', value: subject.uri } : { type: 'email', value: subject.email }
    return {
      serialNumber: serialNumber(),
      notBefore: times.notBefore,
      notAfter: times.notAfter,
      issuer: this.#intermediate.name,
      publicKey: key,
      signingKey: this.#intermediate.keys.privateKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new x509.KeyUsagesExtension(digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([times.usage ?? x509.ExtendedKeyUsage.codeSigning]),
        await x509.SubjectKeyIdentifierExtension.create(key),
        await x509.AuthorityKeyIdentifierExtension.create(this.#intermediate.keys.publicKey),
        new x509.SubjectAlternativeNameExtension([name], true),
        ...certificateExtensions(claims),
      ],
    }
  }

  /** The same certificate with the log's signed timestamp, which covers everything else in it (RFC 6962, section 3.2). */
  async #withTimestamp(
    wanted: Content,
    draft: x509.X509Certificate,
    log: CtLog,
  ): Promise<x509.X509Certificate> {
    const issuer = KeyObject.from(this.#intermediate.keys.publicKey)
    const timestamp = log.timestamp(tbsOf(Buffer.from(draft.rawData)), issuer)
    const list = timestampList(timestamp)
    const extension = new x509.Extension(SCT_LIST, false, der(OCTET_STRING, list))
    return x509.X509CertificateGenerator.create({ ...wanted, extensions: [...wanted.extensions, extension] })
  }
}

/** A self-signed root, or an authority below `parent`; valid long before and after now, so that any certificate can lie in it. */
async function makeAuthority(name: string, parent?: KeyOf): Promise<KeyOf> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const issuer = parent ?? { name, keys }
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: name,
    issuer: issuer.name,
    notBefore: new Date(Date.now() - YEAR_MS),
    notAfter: new Date(Date.now() + YEAR_MS),
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, parent && 0, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return { name, keys, certificate }
}

/** A positive number, without zeros in front that DER forbids. */
function serialNumber(): string {
  return `5a${randomBytes(15).toString('hex')}`
}
