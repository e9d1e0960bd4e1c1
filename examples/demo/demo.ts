import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, styleText } from 'node:util'
import { buildLock } from '../../__tests__/builders/build-lock.ts'
import { type RegistryServer, startRegistry } from '../../__tests__/fakes/registry-server.ts'
import {
  type PrivateSigstore,
  startPrivateSigstore,
} from '../../__tests__/fakes/sigstore/private-sigstore.ts'
import { fromArguments } from '../../src/inputs/from-arguments.ts'
import { main } from '../../src/main.ts'
import { VERIFICATION_SUMMARY } from '../../src/oci/verification-summary.ts'
import type { ImageResult, RunResult } from '../../src/report/run-result.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { TerminalReporter } from '../../src/report/terminal-reporter.ts'
import { pushSampleImages } from './push-sample-images.ts'
import { tamperWithSignature } from './tamper-with-signature.ts'

/** The exit code for images that do not satisfy the policy. */
const REFUSED = 5
/** Whom the certificates of the demo name: the workflow that a job of GitHub would run in. */
const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const WRITES: readonly string[] = ['POST', 'PUT', 'PATCH']

/** One command of the demo through the same `main` as the action's; throws when it does not end as the demo says. */
async function run(sigstore: PrivateSigstore, command: string, expectedExitCode = 0): Promise<void> {
  print(`\n${styleText('bold', `$ signed-promote ${command.replaceAll(' --', ' \\\n    --')}`)}`)
  const environment = { PATH: process.env.PATH, SIGSTORE_ID_TOKEN: sigstore.token() }
  const reporter = new TerminalReporter({ out: write, err: write, redraws: false, table: false, json: false })
  const exitCode = await main(() => fromArguments(command.split(' '), environment).raw, reporter, {
    environment,
    workingDirectory: process.cwd(),
    signal: new AbortController().signal,
  })
  print(`exit code ${exitCode}`)
  if (exitCode !== expectedExitCode) throw new Error(`expected the exit code ${expectedExitCode}`)
}

async function demo(sigstore: PrivateSigstore, dev: RegistryServer, prod: RegistryServer): Promise<void> {
  heading('Two registries of our own: dev has no referrers API, as most registries today; prod has it')
  print(`dev  ${dev.host}\nprod ${prod.host}`)

  heading(
    'A private Sigstore: an issuer of identities, a certificate authority, a log and a timestamp authority',
  )
  print(sigstore.url)
  await writeFile('trusted_root.json', sigstore.trustedRoot)
  await writeFile('signing_config.json', sigstore.signingConfig({ rekor: 1, timestamp: true }))

  heading('Three images, and the list that makes them a release')
  const images = await pushSampleImages(dev.host)
  await writeFile('images.yml', buildLock(images))
  print(await readFile('images.yml', 'utf8'))

  heading('Nobody has signed them yet: the promotion is refused, and nothing is written')
  const policy = `--certificate-identity ${IDENTITY} --certificate-oidc-issuer ${sigstore.issuer} --trusted-root trusted_root.json`
  const promote = `promote --lock images.yml --to ${prod.host}/{name} --tags v1.0.0 ${policy}`
  await run(sigstore, promote, REFUSED)
  expect(writesTo(prod) === 0, 'nothing was written to prod')

  heading(
    'Sign them by digest as that workflow, without a key, with an annotation, in both forms that verifiers read',
  )
  const services = '--signing-config signing_config.json'
  await run(
    sigstore,
    `sign --lock images.yml --sign keyless --annotations tests=passed ${services} --trusted-root trusted_root.json`,
  )
  expect(certificatesOf(sigstore) === 1, 'one certificate served them all')

  heading(
    'Promote: verified at the source, copied with everything attached, verified at the target, attested to, tagged last',
  )
  const gated = `${promote} --require-annotations tests=passed --attest-promotion keyless ${services}`
  await run(sigstore, `${gated} --lock-output promoted.yml --report report.json`)
  print(await readFile('promoted.yml', 'utf8'))
  const report = JSON.parse(await readFile('report.json', 'utf8')) as RunResult
  expect(
    report.images.every(arrivedWhole),
    'every manifest of the source is at the target, with the same digest',
  )
  print(`The action shows this as its job summary:\n\n${formatSummary(report)}`)
  const before = writesTo(prod)

  heading('The next stage verifies what it got, and demands the statement that it was promoted')
  const demands = `--require-annotations tests=passed --require-attestations ${VERIFICATION_SUMMARY}`
  await run(sigstore, `verify --lock promoted.yml ${policy} ${demands}`)
  await run(sigstore, `verify --lock images.yml ${policy} ${demands}`, REFUSED)

  heading('A second run is free')
  await run(sigstore, gated)
  expect(writesTo(prod) === before, 'the second run sent no POST, PUT or PATCH')

  heading('Somebody tampers with a signature: refused, with the reason, and the tag stays')
  tamperWithSignature(dev, images[0])
  await run(sigstore, gated.replace('v1.0.0', 'v1.0.1'), REFUSED)
  expect(writesTo(prod) === before, 'nothing was written to prod')
}

function certificatesOf(sigstore: PrivateSigstore): number {
  return sigstore.requests.filter(({ path }) => path.startsWith('/fulcio/')).length
}

function arrivedWhole({ inventory, targets }: ImageResult): boolean {
  const digests = (entries: ImageResult['inventory']) =>
    entries.map(({ kind, digest }) => `${kind} ${digest}`).sort()
  return (
    targets.length > 0 &&
    targets.every((target) => isDeepStrictEqual(digests(target.inventory), digests(inventory)))
  )
}

function writesTo(registry: RegistryServer): number {
  return registry.requestsBy(...WRITES).length
}

function expect(holds: boolean, statement: string): void {
  if (!holds) throw new Error(`not true: ${statement}`)
  print(styleText('green', `✓ ${statement}`))
}

function heading(text: string): void {
  print(`\n${styleText(['bold', 'cyan'], `── ${text}`)}`)
}

function print(text: string): void {
  write(`${text}\n`)
}

function write(text: string): void {
  process.stdout.write(text)
}

const folder = await mkdtemp(join(tmpdir(), 'signed-promote-demo-'))
process.chdir(folder)
await using sigstore = await startPrivateSigstore()
await using dev = await startRegistry({ referrersApi: false })
await using prod = await startRegistry({ referrersApi: true })
try {
  await demo(sigstore, dev, prod)
} finally {
  process.chdir(tmpdir())
  await rm(folder, { recursive: true })
}
