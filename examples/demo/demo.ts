import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, styleText } from 'node:util'
import { buildLock } from '../../__tests__/builders/build-lock.ts'
import { type RegistryServer, startRegistry } from '../../__tests__/fakes/registry-server.ts'
import { fromArguments } from '../../src/inputs/from-arguments.ts'
import { main } from '../../src/main.ts'
import type { ImageResult, RunResult } from '../../src/report/run-result.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { TerminalReporter } from '../../src/report/terminal-reporter.ts'
import { makeKeyPair } from './make-key-pair.ts'
import { pushSampleImages } from './push-sample-images.ts'
import { tamperWithSignature } from './tamper-with-signature.ts'

/** The exit code for images that do not satisfy the policy. */
const REFUSED = 5
const WRITES: readonly string[] = ['POST', 'PUT', 'PATCH']

/** One command of the demo through the same `main` as the action's; throws when it does not end as the demo says. */
async function run(command: string, expectedExitCode = 0): Promise<void> {
  print(`\n${styleText('bold', `$ signed-promote ${command}`)}`)
  const environment = { PATH: process.env.PATH, COSIGN_PASSWORD: '' }
  const reporter = new TerminalReporter({ out: write, err: write, redraws: false, json: false })
  const exitCode = await main(() => fromArguments(command.split(' '), environment).raw, reporter, {
    environment,
    workingDirectory: process.cwd(),
    signal: new AbortController().signal,
  })
  print(`exit code ${exitCode}`)
  if (exitCode !== expectedExitCode) throw new Error(`expected the exit code ${expectedExitCode}`)
}

async function demo(dev: RegistryServer, prod: RegistryServer): Promise<void> {
  heading('Two registries of our own: dev has no referrers API, as most registries today; prod has it')
  print(`dev  ${dev.host}\nprod ${prod.host}`)

  heading('A key, three images, and the list that makes them a release')
  await makeKeyPair()
  const images = await pushSampleImages(dev.host)
  await writeFile('images.yml', buildLock(images))
  print(await readFile('images.yml', 'utf8'))

  heading('Nobody has signed them yet: the promotion is refused, and nothing is written')
  const promote = `promote --lock images.yml --to ${prod.host}/{name} --public-key cosign.pub --tags v1.0.0`
  await run(promote, REFUSED)
  expect(writesTo(prod) === 0, 'nothing was written to prod')

  heading('Sign them by digest, with an annotation, in both forms that verifiers read')
  await run('sign --lock images.yml --sign key --key cosign.key --annotations tests=passed')

  heading(
    'Promote: verified at the source, copied with everything attached, verified at the target, tagged last',
  )
  const gated = `${promote} --require-annotations tests=passed`
  await run(`${gated} --lock-output promoted.yml --report report.json`)
  print(await readFile('promoted.yml', 'utf8'))
  const report = JSON.parse(await readFile('report.json', 'utf8')) as RunResult
  expect(
    report.images.every(arrivedWhole),
    'every manifest of the source is at the target, with the same digest',
  )
  print(`The action shows this as its job summary:\n\n${formatSummary(report)}`)
  const before = writesTo(prod)

  heading('The next stage verifies what it got')
  await run('verify --lock promoted.yml --public-key cosign.pub --require-annotations tests=passed')

  heading('A second run is free')
  await run(gated)
  expect(writesTo(prod) === before, 'the second run sent no POST, PUT or PATCH')

  heading('Somebody tampers with a signature: refused, with the reason, and the tag stays')
  tamperWithSignature(dev, images[0])
  await run(gated.replace('v1.0.0', 'v1.0.1'), REFUSED)
  expect(writesTo(prod) === before, 'nothing was written to prod')
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
await using dev = await startRegistry({ referrersApi: false })
await using prod = await startRegistry({ referrersApi: true })
try {
  await demo(dev, prod)
} finally {
  process.chdir(tmpdir())
  await rm(folder, { recursive: true })
}
