import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PolicyInWords } from '../../src/inputs/policy-in-words.ts'
import { consumerPolicies } from '../../src/report/consumer-policies.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { promotedImage } from '../builders/promoted-image.ts'
import { runResult } from '../builders/run-result.ts'

const POLICY: PolicyInWords = { by: 'key', publicKey: 'PEM', requireAnnotations: {} }
const IMAGE = promotedImage('prod.example/app', ['dev.example/app'])
const TITLES = [
  'Policy for podman, CRI-O and skopeo',
  'Policy for Kyverno',
  'Policy for the Sigstore policy-controller',
]

function textOf(change: Partial<RunResult> = {}): string {
  return consumerPolicies(runResult({ policy: POLICY, images: [IMAGE], ...change })).join('\n')
}

function titlesIn(text: string): readonly string[] {
  return [...text.matchAll(/<summary>(?<title>.*)<\/summary>/g)].map(({ groups }) => groups?.title ?? '')
}

function blocksIn(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)\n```$/gms)].flatMap(([, of, body = '']) =>
    of === language ? [body] : [],
  )
}

test('the summary of a promotion ends with what each tool has to be told, folded up', () => {
  const summary = formatSummary(runResult({ policy: POLICY, images: [IMAGE] }))
  assert.deepEqual(titlesIn(summary), TITLES)
  assert.match(summary, /<\/details>\n+$/)
  const [policy = '', kyverno = '', controller = ''] = blocksIn(summary, 'json')
  assert.deepEqual(Object.keys(JSON.parse(policy).transports.docker), ['prod.example/app'])
  assert.deepEqual(
    [JSON.parse(kyverno).kind, JSON.parse(controller).kind],
    ['ClusterPolicy', 'ClusterImagePolicy'],
  )
  assert.deepEqual(blocksIn(summary, 'yaml'), [
    'docker:\n  prod.example/app:\n    use-sigstore-attachments: true',
  ])
})

test('what was demanded and cannot be said is named', () => {
  const text = textOf({
    policy: {
      ...POLICY,
      requireAnnotations: { a: '1' },
      requireAttestations: ['https://slsa.dev/provenance/v1'],
    },
  })
  assert.deepEqual(text.match(/^This run also .*$/gm), [
    'This run also demanded annotations and attestations; the policy does not.',
    'This run also demanded attestations; the policy does not.',
    'This run also demanded annotations and attestations; the policy does not.',
  ])
  assert.doesNotMatch(textOf(), /also demanded/)
})

describe('the images in an index', () => {
  const digests = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`)
  const [image, first = '', second = ''] = [IMAGE.digest, ...digests]
  const parts = digests.map((digest) => ({ subject: image, kind: 'child' as const, digest }))
  const signature = (subject: string) => ({
    subject,
    kind: 'sig' as const,
    digest: `sha256:${'0'.repeat(64)}`,
  })

  test('that have no signature of their own are warned of, since podman asks for that', () => {
    const inventory = [...parts, signature(image), signature(first)]
    assert.match(textOf({ images: [{ ...IMAGE, inventory }] }), /1 image in an index has no signature/)
  })

  test('that are signed are not', () => {
    const inventory = [...parts, signature(first), signature(second)]
    assert.doesNotMatch(textOf({ images: [{ ...IMAGE, inventory }] }), /in an index/)
  })
})

describe('nothing is printed', () => {
  const unsigned = promotedImage('prod.example/app', [])
  for (const [what, change] of [
    ['for a plan', { command: 'plan' }],
    ['without a policy', { policy: null }],
    ['where an image has no signature under the tag', { images: [IMAGE, unsigned] }],
    [
      'for a layout on disk',
      { images: [promotedImage('oci-layout:5/dev.example/app', ['dev.example/app'])] },
    ],
    ['where no image was promoted', { images: [] }],
    ['for whoever a policy file says', { policy: { by: 'policy', requireAnnotations: {} } }],
    [
      'where it would take the place of all the rest',
      {
        images: Array.from({ length: 2000 }, (_, index) =>
          promotedImage(`prod.example/app-${index}`, ['dev.example/app']),
        ),
      },
    ],
  ] as const) {
    test(what, () => assert.equal(textOf(change), ''))
  }

  test('to podman where no name can be demanded, and to clusters all the same', () => {
    const images = ['one', 'two'].map((name) => promotedImage('prod.example/all', [`dev.example/${name}`]))
    const text = textOf({ images })
    assert.deepEqual(titlesIn(text), TITLES.slice(1))
    assert.match(text, /^No policy for podman.* in `prod\.example\/all` .* use `sign-identity: target`\.$/m)
    assert.doesNotMatch(textOf(), /No policy for podman/)
  })
})

test('hostile text ends neither a block nor the page', () => {
  const hostile = '```\n</details><script>'
  const text = textOf({
    policy: { ...POLICY, publicKey: hostile, requireAnnotations: { [hostile]: hostile } },
  })
  assert.equal(blocksIn(text, 'json').length, 3)
  for (const body of blocksIn(text, 'json')) JSON.parse(body)
})
