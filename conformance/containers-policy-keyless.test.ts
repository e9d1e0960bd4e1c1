import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildImage } from '../__tests__/builders/build-image.ts'
import {
  type PrivateSigstore,
  type SigningChoice,
  startPrivateSigstore,
} from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { PolicyJudge, type PolicyVerdict } from './policy-judge.ts'
import { type PrintedPolicy, readPrintedPolicy } from './printed-policy.ts'
import { runCliWith } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const EMAIL = 'release@acme.example'
const skip = missingTools('cosign', 'registry', 'policy-judge')

describe('podman, CRI-O and skopeo, by policy.json, without a key', { skip }, () => {
  let bench: Workbench
  let judge: PolicyJudge
  let sigstore: PrivateSigstore

  before(async () => {
    sigstore = await startPrivateSigstore()
    bench = await Workbench.open('distribution', 'distribution')
    judge = await PolicyJudge.open(bench.folder)
    await writeFile(join(bench.folder, 'trusted_root.json'), sigstore.trustedRoot)
    const { authority, logs } = sigstore.trusted
    await judge.write('fulcio.pem', authority.certificates.map(asPem).join(''))
    await judge.write('rekor.pub', logs[1].key.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  })

  after(async () => {
    await bench?.[Symbol.asyncDispose]()
    await sigstore?.close()
  })

  /** Signs an image as whom the token names, promotes it, and reads the summary; `image` is where it is then. */
  async function promote(name: string, token: string, choice: SigningChoice, ...more: readonly string[]) {
    const image = buildImage({ seed: name })
    await image.pushTo(bench.source.host, name, 'v1')
    await writeFile(join(bench.folder, 'signing_config.json'), sigstore.signingConfig(choice))
    const { exitCode, output } = await runCliWith(
      { SIGSTORE_ID_TOKEN: token },
      bench.folder,
      ...['promote', '--images', `${bench.source.host}/${name}@${image.digest}`, '--sign', 'keyless'],
      ...['--to', `${bench.target.host}/prod/${name}`, '--sign-identity', 'target', '--tags', 'v1'],
      ...['--signing-config', 'signing_config.json', '--trusted-root', 'trusted_root.json'],
      ...['--report', 'report.json', ...more],
    )
    assert.equal(exitCode, 0, output)
    return { image: `${bench.target.host}/prod/${name}:v1`, printed: await readPrintedPolicy(bench.folder) }
  }

  /** Judges by a printed policy, whose files are in the judge's own folder. */
  function judgeBy({ docker, registriesD }: PrintedPolicy, image: string): Promise<PolicyVerdict> {
    const here = JSON.parse(JSON.stringify(docker).replaceAll('/etc/containers/', ''))
    return judge.judge(image, here, registriesD)
  }

  /** Judges by the demand for one person, who is known to an issuer. */
  function judgeByPerson(image: string, subjectEmail: string, oidcIssuer: string): Promise<PolicyVerdict> {
    const fulcio = { caPath: 'fulcio.pem', oidcIssuer, subjectEmail }
    const signedIdentity = { type: 'matchRepository' }
    const demand = { type: 'sigstoreSigned', fulcio, rekorPublicKeyPath: 'rekor.pub', signedIdentity }
    return judge.judge(image, { [bench.target.host]: [demand] })
  }

  test('accept by the policy in the summary what a person has signed, and nobody else’s', async () => {
    const { image, printed } = await promote('person', sigstore.token({ email: EMAIL }), { rekor: 1 })
    assert.deepEqual(await judgeBy(printed, image), { allowed: true, reason: '' })
    const others = [
      await judgeByPerson(image, 'other@acme.example', sigstore.issuer),
      await judgeByPerson(image, EMAIL, 'https://other.example'),
    ]
    assert.deepEqual(
      others.map(({ allowed, reason }) => [
        allowed,
        /Required email|Unexpected Fulcio OIDC issuer/.test(reason),
      ]),
      [
        [false, true],
        [false, true],
      ],
    )
  })

  test('know no workflow: they ask for an e-mail address, and no policy is printed', async () => {
    const { image, printed } = await promote('workflow', sigstore.token(), { rekor: 1 })
    assert.deepEqual(printed.docker, {})
    const workflow = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
    const { allowed, reason } = await judgeByPerson(image, workflow, sigstore.issuer)
    assert.ok(!allowed)
    assert.match(reason, /Required email .* not found/)
  })

  test('need an entry in the log: a timestamp alone proves nothing to them, and no policy is printed', async () => {
    const token = sigstore.token({ email: EMAIL })
    const unlogged = ['--transparency', 'none']
    const { image, printed } = await promote('stamped', token, { timestamp: true }, ...unlogged)
    assert.deepEqual(printed.docker, {})
    const { allowed, reason } = await judgeByPerson(image, EMAIL, sigstore.issuer)
    assert.ok(!allowed)
    assert.match(reason, /missing dev\.sigstore\.cosign\/bundle annotation/)
  })
})

function asPem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`
}
