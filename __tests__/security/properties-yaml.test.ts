import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { digestOf } from '../../src/oci/digest.ts'
import { formatReference } from '../../src/oci/reference.ts'
import { formatImagesLock } from '../../src/sources/format-images-lock.ts'
import { parseImagesLock } from '../../src/sources/parse-images-lock.ts'
import { formatYaml, parseYaml, YAML_LIMIT } from '../../src/yaml/yaml.ts'
import { plainYaml } from '../builders/plain-yaml.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { checkProperty } from './check-property.ts'

const RUNS = 150
const UNPRINTABLE = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\p{Cs}/u
const FILE = 'images.yml'
/** A reader that takes quadratic time would take an hour for half a megabyte; one that does not is through within seconds. */
const NO_HANG = { timeout: 60_000 }

// JSON does not tell -0 from 0.
const value = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'binary' })
  .map((json): unknown => JSON.parse(JSON.stringify(json)))
const style = fc.record({
  // The library writes an empty list on a line of its own, where it is none, when it is told to write blocks.
  collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
  defaultStringType: fc.constantFrom(
    'PLAIN' as const,
    'QUOTE_DOUBLE' as const,
    'QUOTE_SINGLE' as const,
    'BLOCK_LITERAL' as const,
    'BLOCK_FOLDED' as const,
  ),
  indent: fc.integer({ min: 1, max: 8 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  directives: fc.constant(true),
})

/** What the YAML means to its own syntax, and what surrounds it. */
const piece = fc.oneof(
  fc.constantFrom(...'-?:,[]{}#&*!|>\'"%@` \n\t\r\\~<='),
  fc.constantFrom(
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '!!map',
    '<<: ',
    '\n  ',
    '\n- ',
    'a: ',
    '? ',
    '\ufeff',
    '\u0000',
    '\u2028',
    'é',
  ),
  fc.constantFrom(
    'images:\n',
    'image: ',
    'kind: ImagesLock\n',
    'apiVersion: imgpkg.carvel.dev/v1alpha1\n',
    'annotations:\n',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const text = fc.oneof(
  fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder().decode(bytes)),
  fc
    .tuple(value, style, fc.array(fc.tuple(fc.nat(), piece), { maxLength: 4 }))
    .map(([data, options, edits]) =>
      edits.reduce(
        (sofar, [at, inserted]) => {
          const place = at % (sofar.length + 1)
          return sofar.slice(0, place) + inserted + sofar.slice(place)
        },
        stringify(data, options),
      ),
    ),
)

/** Ends in a value, or in refusals with a hint and a place in the file that exists. */
async function endsWell(read: () => unknown, written: string): Promise<void> {
  const problems = await problemsOf(read)
  const lines = written.split('\n').length
  assert.ok(problems.length <= 101)
  for (const { kind, hint, message, location } of problems) {
    assert.equal(kind, 'input', message)
    assert.ok(hint)
    if (/^There are \d+ more problems$/.test(message)) continue
    assert.equal(location?.file, FILE)
    if (/larger than 2 MiB/.test(message)) continue
    const { line = 0, column = 0 } = location ?? {}
    assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines} lines: ${message}`)
  }
}

describe('17. YAML, by its properties', () => {
  test('what another writer wrote, in any style, is read as it was meant', (context) =>
    checkProperty(context, RUNS, fc.tuple(value, style), ([data, options]) => {
      const written = stringify(data, { ...options, aliasDuplicateObjects: false })
      // The library writes some characters that may not stand in a document.
      if (UNPRINTABLE.test(written))
        return assert.throws(() => parseYaml(written, FILE), /is not allowed here/)
      assert.deepEqual(plainYaml(parseYaml(written, FILE)), data, written)
    }))

  test('what this program wrote is read as it was meant', (context) =>
    checkProperty(context, RUNS, value, (data) => {
      const written = formatYaml(data)
      assert.deepEqual(plainYaml(parseYaml(written, FILE)), data, written)
    }))

  test('a lock is read as it was written, annotations byte for byte', (context) => {
    const annotations = fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 9 }),
      fc.string({ unit: 'binary' }),
      { maxKeys: 3 },
    )
    const entry = fc.tuple(fc.nat(999), annotations)
    const entries = fc.uniqueArray(entry, { maxLength: 5, selector: ([number]) => number })
    return checkProperty(context, RUNS, entries, (listed) => {
      const lock = listed.map(([number, notes]) => ({
        image: `registry.example/app${number}@${digestOf(String(number))}`,
        annotations: { ...notes },
      }))
      const read = parseImagesLock(formatImagesLock(lock), FILE)
      assert.deepEqual(
        read.map(({ reference, annotations: notes }) => ({
          image: formatReference(reference),
          annotations: notes,
        })),
        lock,
      )
    })
  })

  test(
    'any text ends in a value or in refusals with their lines, as YAML and as a lock',
    NO_HANG,
    (context) =>
      checkProperty(context, 2 * RUNS, text, async (written) => {
        await endsWell(() => parseYaml(written, FILE), written)
        await endsWell(() => parseImagesLock(written, FILE), written)
      }),
  )

  test('half a megabyte of anything that repeats ends as well', NO_HANG, (context) =>
    checkProperty(
      context,
      5,
      fc.tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), text),
      async ([pieces, head]) => {
        const unit = pieces.join('')
        const room = YAML_LIMIT / 4 - Buffer.byteLength(head)
        const written = `${head}${unit.repeat(Math.floor(room / Buffer.byteLength(unit || ' ')))}`
        await endsWell(() => parseYaml(written, FILE), written)
        await endsWell(() => parseImagesLock(written, FILE), written)
      },
    ),
  )
})
