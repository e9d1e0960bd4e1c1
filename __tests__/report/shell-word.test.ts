import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { shellWord } from '../../src/report/shell-word.ts'

describe('a word of a shell', () => {
  for (const [what, text, word] of [
    ['stays as it is where no shell sees more in it', 'a/b.c:v1@x=1,%-+', 'a/b.c:v1@x=1,%-+'],
    ['is there when it is empty', '', "''"],
    ['is one word', 'a b;$(c)', "'a b;$(c)'"],
    ['does not end its quotes', "it's", "'it'\\''s'"],
    ['is no path of a program', '=ls', "'=ls'"],
    ['is nobody’s home', '~root/x', "'~root/x'"],
    ['does not end a block of Markdown', 'a\n```\nb', "'a     b'"],
    ['does not turn its direction', 'a\u202eb\u2066c', "'a b c'"],
    ['hides nothing', 'a\u200bb\ufeffc', "'a b c'"],
    ['is on one line', 'a\u2028b\u2029c\u0085d', "'a b c d'"],
  ] as const) {
    test(what, () => assert.equal(shellWord(text), word))
  }
})
