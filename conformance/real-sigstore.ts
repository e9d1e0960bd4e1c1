import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOG_NAME, type LogKey, makeEd25519LogKey } from '../__tests__/fakes/sigstore/log-key.ts'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { formatSigningConfig, formatTrustedRoot } from '../__tests__/fakes/sigstore/trusted-root.ts'
import { newFolder } from './new-folder.ts'
import { freePorts, StartedProgram } from './started-program.ts'

/** Fulcio, Rekor v2 and the timestamp authority as their authors wrote them; the issuer and the certificate log are the private Sigstore's. */
export interface RealSigstore extends AsyncDisposable {
  readonly issuer: string
  readonly fulcioUrl: string
  readonly rekorV2Url: string
  /** With the path of its API, as in signing configs. */
  readonly timestampUrl: string
  /** trusted_root.json. */
  readonly trustedRoot: string
  /** signing_config.v0.2.json with all of them. */
  readonly signingConfig: string
  readonly token: PrivateSigstore['token']
}

/** A program, where it serves, and what answers once it does. */
interface Service {
  readonly program: StartedProgram
  readonly url: string
  readonly health: string
}

const LOOPBACK = '127.0.0.1'

/** Starts them with new keys. */
export async function startRealSigstore(): Promise<RealSigstore> {
  await using stack = new AsyncDisposableStack()
  const folder = await newFolder()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const base = stack.use(await startPrivateSigstore())
  const logKey = makeEd25519LogKey()
  const services = [
    await startFulcio(folder, base),
    await startRekor(folder, logKey),
    await startTimestampServer(),
  ] as const
  for (const { program } of services) stack.use(program)
  await Promise.all(services.map(({ program, url, health }) => program.serves(`${url}${health}`)))
  const [fulcio, rekor, timestamps] = services
  const { issuer, token, trusted } = base
  const timestampUrl = `${timestamps.url}/api/v1/timestamp`
  const trustedRoot = formatTrustedRoot({
    ...trusted,
    authority: { url: fulcio.url, certificates: await fulcioCertificates(fulcio.url) },
    timestamps: { url: timestampUrl, certificates: await timestampCertificates(timestampUrl) },
    logs: { 1: trusted.logs[1], 2: { url: rekor.url, key: logKey } },
  })
  const running = stack.move()
  return {
    issuer,
    token,
    fulcioUrl: fulcio.url,
    rekorV2Url: rekor.url,
    timestampUrl,
    trustedRoot,
    signingConfig: formatSigningConfig({
      ...{ fulcioUrl: fulcio.url, issuer, timestampUrl },
      rekor: { url: rekor.url, version: 2 },
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function startFulcio(folder: string, { issuer, ctUrl }: PrivateSigstore): Promise<Service> {
  const config = join(folder, 'fulcio.json')
  const trusted = { IssuerURL: issuer, ClientID: 'sigstore', Type: 'github-workflow' }
  await writeFile(config, JSON.stringify({ OIDCIssuers: { [issuer]: trusted } }))
  const [port, grpcPort, metricsPort] = await freePorts(3)
  const url = `http://${LOOPBACK}:${port}`
  const args = [
    ...['serve', '--ca=ephemeralca', `--config-path=${config}`, `--ct-log-url=${ctUrl}`],
    ...[`--host=${LOOPBACK}`, `--port=${port}`, `--grpc-host=${LOOPBACK}`, `--grpc-port=${grpcPort}`],
    ...[`--metrics-port=${metricsPort}`, `--legacy-unix-domain-socket=${join(folder, 'fulcio.sock')}`],
  ]
  return { url, health: '/healthz', program: new StartedProgram('fulcio', args) }
}

async function startRekor(folder: string, { privateKey }: LogKey): Promise<Service> {
  const key = join(folder, 'rekor.pem')
  const storage = join(folder, 'rekor')
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  await mkdir(storage)
  const [port, grpcPort, metricsPort] = await freePorts(3)
  const url = `http://${LOOPBACK}:${port}`
  const args = [
    ...['serve', `--signer-filepath=${key}`, `--storage-dir=${storage}`, `--hostname=${LOG_NAME}`],
    ...[`--http-address=${LOOPBACK}`, `--http-port=${port}`, `--http-metrics-port=${metricsPort}`],
    ...[`--grpc-address=${LOOPBACK}`, `--grpc-port=${grpcPort}`, '--checkpoint-interval=1s'],
  ]
  return { url, health: '/healthz', program: new StartedProgram('rekor-server', args) }
}

async function startTimestampServer(): Promise<Service> {
  const [port] = await freePorts(1)
  const url = `http://${LOOPBACK}:${port}`
  const args = ['serve', `--host=${LOOPBACK}`, `--port=${port}`, '--disable-ntp-monitoring']
  return { url, health: '/ping', program: new StartedProgram('timestamp-server', args) }
}

async function fulcioCertificates(url: string): Promise<readonly Buffer[]> {
  const response = await fetch(`${url}/api/v2/trustBundle`)
  const { chains } = (await response.json()) as {
    readonly chains: readonly { readonly certificates: readonly string[] }[]
  }
  return chains.flatMap(({ certificates }) => certificates.flatMap(parsePem))
}

async function timestampCertificates(timestampUrl: string): Promise<readonly Buffer[]> {
  return parsePem(await (await fetch(`${timestampUrl}/certchain`)).text())
}

function parsePem(text: string): readonly Buffer[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----(?<base64>[^-]+)-----END CERTIFICATE-----/g)
  return [...blocks].map(({ groups }) => Buffer.from(groups?.base64 ?? '', 'base64'))
}
