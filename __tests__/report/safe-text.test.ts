import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { count, formatBytes, logLine, markdownCode, markdownText } from '../../src/report/safe-text.ts'

describe('a line of the log', () => {
  for (const [what, text, line] of [
    ['keeps what is harmless, colons and hashes too', 'a::b ## c: #[d] – é ✓', 'a::b ## c: #[d] – é ✓'],
    ['is no workflow command', '::error::x', ': :error::x'],
    ['is none behind blanks', '  ::set-output name=x::y', '  : :set-output name=x::y'],
    ['is none behind a line end of another script', '\u2028::error::x', ' : :error::x'],
    ['is none behind a byte order mark', '\ufeff::error::x', ' : :error::x'],
    ['is no command of the older form, which the runner finds anywhere', '##[error]x', '## [error]x'],
    ['is none of that form in its middle', 'x ##[add-mask]y ###[group]z', 'x ## [add-mask]y ### [group]z'],
    ['holds no line ends', 'a\r\n::error::b\nc\u0085d', 'a ::error::b c d'],
    ['holds no escape sequences', 'a\u001b[2Jb\u009b31mc\u0007', 'a [2Jb 31mc '],
    ['does not turn its direction', 'a\u202egnp.exe\u2066b', 'a gnp.exe b'],
  ] as const) {
    test(what, () => assert.equal(logLine(text), line))
  }
})

describe('text in Markdown', () => {
  for (const [what, text, markdown] of [
    ['has no HTML', '<img src=x onerror=y> & </td>', '&lt;img src=x onerror=y&gt; &amp; &lt;/td&gt;'],
    ['has no links and images', '![x](http://y)', '\\!\\[x\\]\\(http&#58;//y\\)'],
    ['has no formulas', '$x$', '\\$x\\$'],
    ['has no emphasis, code or strike', '*a* _b_ `c` ~d~', '\\*a\\* \\_b\\_ \\`c\\` \\~d\\~'],
    ['does not end a cell of a table', 'a | b', 'a \\| b'],
    ['does not end its own escape', 'a \\| b', 'a \\\\\\| b'],
    ['is one line', 'a\r\n\n# b', 'a \\# b'],
    ['calls nobody', 'hi @team', 'hi @<!-- -->team'],
    ['leaves the digest of a reference as it is', 'a/b@sha256:0', 'a/b@sha256:0'],
    ['calls nobody who is named like a digest', '@sha256:0', '@<!-- -->sha256:0'],
    ['writes to nobody', 'me@x.example', 'me@<!-- -->x.example'],
    ['refers to no issue', 'o/r#12 GH-3', 'o/r\\#<!-- -->12 GH-<!-- -->3'],
    ['has no link without a scheme', 'WWW.x.example', 'WWW&#46;x.example'],
    ['has no entity of its own', '&#64;x &lt;', '&amp;\\#<!-- -->64;x &amp;lt;'],
  ] as const) {
    test(what, () => assert.equal(markdownText(text), markdown))
  }
})

describe('a code span in Markdown', () => {
  for (const [what, text, markdown] of [
    ['keeps a reference', 'a/b:c@d', '`a/b:c@d`'],
    ['cannot be ended', 'a`b``c', '`a b  c`'],
    ['does not end a cell of a table', 'a|b', '`a\\|b`'],
    ['is one line', 'a\nb', '`a b`'],
  ] as const) {
    test(what, () => assert.equal(markdownCode(text), markdown))
  }
})

test('bytes are written for people', () => {
  assert.deepEqual([0, 999, 1000, 1234, 1_500_000, 2e9, 3e12, 4e15].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 kB',
    '1.5 MB',
    '2.0 GB',
    '3.0 TB',
    '4000.0 TB',
  ])
})

test('one is singular', () => {
  assert.deepEqual(
    [0, 1, 2].map((number) => count(number, 'image')),
    ['0 images', '1 image', '2 images'],
  )
})
