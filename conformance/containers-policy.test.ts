import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { buildImage } from '../__tests__/builders/build-image.ts'
import type { BuiltArtifact } from '../__tests__/builders/built-artifact.ts'
import { attachedTag } from '../src/oci/attached-tag.ts'
import { MEDIA_TYPES } from '../src/oci/media-types.ts'
import { PolicyJudge, type PolicyVerdict, type Requirement } from './policy-judge.ts'
import { readPrintedPolicy } from './printed-policy.ts'
import { pushBareSample } from './push-sample.ts'
import { readReport, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const skip = missingTools('cosign', 'registry', 'policy-judge')
const UNSIGNED = /no signature exists/

describe('podman, CRI-O and skopeo, by policy.json', { skip }, () => {
  let bench: Workbench
  let judge: PolicyJudge
  let keyData: string

  before(async () => {
    bench = await Workbench.open('distribution', 'distribution')
    judge = await PolicyJudge.open(bench.folder)
    keyData = await readFile(bench.keys.publicKey, 'base64')
  })

  after(() => bench?.[Symbol.asyncDispose]())

  function source(name: string): string {
    return `${bench.source.host}/${name}`
  }

  function target(name: string): string {
    return `${bench.target.host}/prod/${name}`
  }

  async function pushImage(name: string): Promise<BuiltArtifact> {
    const image = buildImage({ seed: name })
    await image.pushTo(bench.source.host, name, 'v1')
    return image
  }

  /** Runs the built program on an image; the fragments that its summary prints, as they stand there. */
  async function promote(name: string, digest: string, ...more: readonly string[]) {
    const { exitCode, output } = await runCli(
      bench.folder,
      ...['promote', '--images', `${source(name)}@${digest}`, '--to', target(name), '--tags', 'v1'],
      ...['--report', 'report.json', '--existing-tags', 'move', ...more],
    )
    assert.equal(exitCode, 0, output)
    return readPrintedPolicy(bench.folder)
  }

  function sign(...more: readonly string[]): readonly string[] {
    return ['--sign', 'key', '--key', 'cosign.key', ...more]
  }

  /** Judges an image at the target by the key and this demand for the name in its signature. */
  function judgeBy(image: string, signedIdentity?: Requirement): Promise<PolicyVerdict> {
    const identity = signedIdentity && { signedIdentity }
    return judge.judge(image, { [bench.target.host]: [{ type: 'sigstoreSigned', keyData, ...identity }] })
  }

  function exactly(dockerRepository: string): Requirement {
    return { type: 'exactRepository', dockerRepository }
  }

  const PRINTED = [
    { name: 'signed-for-source', more: [], identity: 'exactRepository' },
    { name: 'signed-for-target', more: ['--sign-identity', 'target'], identity: 'matchRepository' },
  ] as const
  for (const { name, more, identity } of PRINTED) {
    for (const signer of ['native', 'cosign']) {
      test(`accept by the policy in the summary what the ${signer} signer has ${name.replaceAll('-', ' ')}, by tag and digest`, async () => {
        const at = `${signer}-${name}`
        const { digest } = await pushImage(at)
        const { docker, registriesD } = await promote(at, digest, ...sign(...more, '--signer', signer))
        const [demand] = docker[target(at)] ?? []
        assert.match(JSON.stringify(demand), new RegExp(identity))
        for (const image of [`${target(at)}:v1`, `${target(at)}@${digest}`]) {
          assert.deepEqual(await judge.judge(image, docker, registriesD), { allowed: true, reason: '' })
        }
      })
    }
  }

  describe('reject by the policy in the summary, at the same place', () => {
    let printed: Awaited<ReturnType<typeof promote>>
    const judgeByPrinted = (image: string) => judge.judge(image, printed.docker, printed.registriesD)

    /** What they say of what this program refuses as well. */
    async function refusal(image: string): Promise<string> {
      const { exitCode } = await runCli(
        bench.folder,
        'verify',
        '--images',
        image,
        '--public-key',
        'cosign.pub',
      )
      const { allowed, reason } = await judgeByPrinted(image)
      assert.deepEqual([exitCode, allowed], [5, false])
      return reason
    }

    before(async () => {
      const { digest } = await pushImage('guarded')
      printed = await promote('guarded', digest, ...sign())
    })

    async function pushBehindOurBack(seed: string): Promise<string> {
      const image = buildImage({ seed })
      await image.pushTo(bench.target.host, 'prod/guarded', seed)
      return `${target('guarded')}@${image.digest}`
    }

    test('what nobody has signed', async () => {
      assert.match(await refusal(await pushBehindOurBack('unsigned')), UNSIGNED)
    })

    test('what somebody else has signed', async () => {
      const image = await pushBehindOurBack('foreign')
      await bench.cosign.sign('tag', await bench.cosign.generateKeys('others'), image)
      assert.match(await refusal(image), /cryptographic signature verification failed/)
    })

    test('what our key has signed by another name, which no gate of ours looks at', async () => {
      const image = await pushBehindOurBack('renamed')
      await bench.cosign.sign('tag', bench.keys, image)
      const { allowed, reason } = await judgeByPrinted(image)
      assert.ok(!allowed)
      assert.match(reason, /Signature for identity .* is not accepted/)
    })

    test('another image under the tag that was promoted, with the signature of the right one', async () => {
      const image = buildImage({ seed: 'tampered' })
      await image.pushTo(bench.target.host, 'prod/guarded', 'v1')
      const base = `http://${bench.target.host}/v2/prod/guarded/manifests`
      const promoted = (await readReport(bench.folder)).images[0]?.digest ?? ''
      const accept = MEDIA_TYPES.ociManifest
      const signatures = await fetch(`${base}/${promoted.replace(':', '-')}.sig`, { headers: { accept } })
      const moved = await fetch(`${base}/${attachedTag(image.digest, 'sig')}`, {
        method: 'PUT',
        headers: { 'content-type': accept },
        body: await signatures.bytes(),
      })
      assert.equal(moved.status, 201)
      assert.match(await refusal(`${target('guarded')}:v1`), /Signature for digest .* does not match/)
    })

    test('everything where registries.d does not say that signatures are beside the images', async () => {
      const [image] = (await readReport(bench.folder)).images
      const reference = `${target('guarded')}@${image?.digest}`
      assert.ok((await judgeByPrinted(reference)).allowed)
      const { allowed, reason } = await judge.judge(reference, printed.docker, '')
      assert.ok(!allowed)
      assert.match(reason, UNSIGNED)
    })
  })

  describe('compare the name in a signature', () => {
    const demands = () => ({
      'exactRepository of the source': exactly(source('names')),
      'exactRepository of the target': exactly(target('names')),
      matchRepository: { type: 'matchRepository' },
      matchExact: { type: 'matchExact' },
      exactReference: { type: 'exactReference', dockerReference: `${source('names')}:v1` },
      matchRepoDigestOrExact: { type: 'matchRepoDigestOrExact' },
      'remapIdentity to the source': {
        type: 'remapIdentity',
        prefix: target('names'),
        signedPrefix: source('names'),
      },
      'nothing said': undefined,
    })

    async function acceptedAt(image: string): Promise<readonly string[]> {
      const accepted: string[] = []
      for (const [name, identity] of Object.entries(demands())) {
        if ((await judgeBy(image, identity)).allowed) accepted.push(name)
      }
      return accepted
    }

    test('which holds no tag, so that only the two demands for a repository can ever be met', async () => {
      const { digest } = await pushImage('names')
      await promote('names', digest, ...sign())
      const image = `${target('names')}@${digest}`
      assert.deepEqual(await acceptedAt(image), ['exactRepository of the source'])
      await promote('names', digest, ...sign('--sign-identity', 'target'))
      assert.deepEqual(await acceptedAt(image), [
        'exactRepository of the source',
        'exactRepository of the target',
        'matchRepository',
      ])
    })
  })

  test('read no Sigstore bundle: without a signature under the tag nothing is accepted, and no policy is printed', async () => {
    const { digest } = await pushImage('bundle-only')
    const { summary } = await promote('bundle-only', digest, ...sign('--signature-format', 'bundle'))
    assert.doesNotMatch(summary, /policy\.json/)
    const { allowed, reason } = await judgeBy(
      `${target('bundle-only')}@${digest}`,
      exactly(source('bundle-only')),
    )
    assert.ok(!allowed)
    assert.match(reason, UNSIGNED)
  })

  test('refuse a signature with an annotation named timestamp that is no number, and no policy is printed', async () => {
    const { digest } = await pushImage('timestamp')
    const { docker } = await promote('timestamp', digest, ...sign('--annotations', 'timestamp=now'))
    assert.deepEqual(docker, {})
    const { allowed, reason } = await judgeBy(`${target('timestamp')}:v1`, exactly(source('timestamp')))
    assert.ok(!allowed)
    assert.match(reason, /cannot unmarshal string/)
  })

  test('ask of an index for the signature of the image that they pull, of which the summary warns', async () => {
    const { index } = await pushBareSample({
      host: bench.source.host,
      repository: 'index',
      seed: 'i',
    })
    const warned = await promote('index', index.digest, ...sign())
    assert.match(warned.summary, /2 images in an index have no signature of their own/)
    const image = `${target('index')}:v1`
    assert.match((await judge.judge(image, warned.docker, warned.registriesD)).reason, UNSIGNED)
    const recursive = sign('--recursive', 'true')
    const { docker, registriesD, summary } = await promote('index', index.digest, ...recursive)
    assert.doesNotMatch(summary, /in an index/)
    assert.deepEqual(await judge.judge(image, docker, registriesD), { allowed: true, reason: '' })
  })
})
