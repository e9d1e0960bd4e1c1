import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileInput } from '../../src/yaml/file-kind.ts'
import { refuseOtherFile } from '../../src/yaml/refuse-other-file.ts'
import { problemsOf } from '../builders/problems-of.ts'

const FILES = {
  'a BundleLock': '---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: x\nkind: BundleLock\n',
  'an ImagesLock': 'apiVersion: v0\nkind: "ImagesLock"\nimages: []\n',
  'a compose file': "version: '3'\nx-a: &a {}\nservices:\n  web: {image: app}\n",
  'a policy file': 'version: 1\nsigners: {}\nrules:\n- services: x\n',
}
const KINDS = {
  'a BundleLock': 'lock',
  'an ImagesLock': 'lock',
  'a compose file': 'compose',
  'a policy file': 'policy',
} as const satisfies Record<keyof typeof FILES, FileInput>

for (const kind of ['a BundleLock', 'an ImagesLock', 'a compose file', 'a policy file'] as const) {
  test(`tells ${kind} from what another input takes, and says which takes it`, async () => {
    for (const input of ['lock', 'compose', 'policy'] as const) {
      const problems = await problemsOf(() => refuseOtherFile(FILES[kind], 'dir/f.yml', input, 'what I read'))
      const refused = {
        message: `dir/f.yml is ${kind}, not what I read`,
        hint: `Name it in \`${KINDS[kind]}\`.`,
      }
      assert.deepEqual(
        problems.map(({ message, hint }) => ({ message, hint })),
        input === KINDS[kind] ? [] : [refused],
      )
    }
  })
}

test('leaves what it does not know to whoever reads it', () => {
  for (const text of ['', 'images: []\n', 'a:\n  services: {}\n  kind: ImagesLock\n', 'version: 1\n']) {
    refuseOtherFile(text, 'f.yml', 'compose', 'a compose file')
  }
})
