import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { callCosign, runCosign } from '../../src/cosign/run-cosign.ts'
import { PromotionError } from '../../src/errors.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { temporaryFolder, writeScript } from '../builders/script.ts'

test('passes on what is listed and what is its own, and no other variable', async (context) => {
  const path = await writeScript(await temporaryFolder(context), '/usr/bin/env')
  const environment = {
    PATH: '/bin',
    HOME: '/somewhere',
    HTTPS_PROXY: 'http://proxy',
    no_proxy: 'localhost',
    SSL_CERT_FILE: '/ca.pem',
    DOCKER_CONFIG: '/docker',
    COSIGN_REPOSITORY: 'evil.example/elsewhere',
    COSIGN_PASSWORD: 'of the job',
    GITHUB_TOKEN: 'token',
    SSL_CERT_DIR: undefined,
  }
  const output = await runCosign(path, ['sign'], {
    environment,
    own: { COSIGN_PASSWORD: 'ours', DOCKER_CONFIG: '/ours' },
  })
  // What a shell adds by itself.
  const added = /^(PWD|SHLVL|_|OLDPWD)=/
  assert.deepEqual(
    output
      .trim()
      .split('\n')
      .filter((line) => !added.test(line))
      .toSorted(),
    [
      'COSIGN_PASSWORD=ours',
      'DOCKER_CONFIG=/ours',
      'HOME=/somewhere',
      'HTTPS_PROXY=http://proxy',
      'PATH=/bin',
      'SSL_CERT_FILE=/ca.pem',
      'no_proxy=localhost',
    ],
  )
})

test('passes arguments on as they are', async (context) => {
  const path = await writeScript(await temporaryFolder(context), 'printf "<%s>" "$@"')
  const args = ['sign', '--annotations="k=a, ""b"" $HOME"', '', 'two\nlines', '-']
  assert.equal(await runCosign(path, args, { environment: {} }), args.map((arg) => `<${arg}>`).join(''))
})

test('fails with the last words of cosign, without secrets and without its repetitions', async (context) => {
  const folder = await temporaryFolder(context)
  const lines = [
    'Flag --tlog-upload has been deprecated',
    ...['1', '2', '3', '4', '5', '6'].map((each) => `line ${each}`),
    'Error: password geheim is wrong',
    'and what follows it',
    'error during command execution: password geheim is wrong',
  ]
  await writeFile(join(folder, 'words'), lines.join('\n'))
  const path = await writeScript(
    folder,
    `while read -r line; do echo "$line" >&2; done < "${folder}/words"
echo "error during command execution" >&2
exit 12`,
  )
  await assert.rejects(
    () =>
      runCosign(path, ['sign', 'image'], { environment: {}, own: { COSIGN_PASSWORD: 'geheim', EMPTY: '' } }),
    (error) => {
      assert.ok(error instanceof PromotionError)
      assert.equal(error.kind, 'signing')
      assert.equal(
        error.message,
        'cosign sign ended with exit code 12: Error: password *** is wrong; and what follows it',
      )
      return true
    },
  )
})

test('no line of a key, and no base64 of a password, is among the last words', async (context) => {
  const key = buildKeys().privatePem
  const path = await writeScript(
    await temporaryFolder(context),
    'printf %s "$COSIGN_PASSWORD" | /usr/bin/base64 >&2; echo "wrong key $THE_KEY" >&2; exit 1',
  )
  const own = { COSIGN_PASSWORD: 'geheim geheim', THE_KEY: key }
  await assert.rejects(() => runCosign(path, ['sign'], { environment: {}, own }), {
    message: 'cosign sign ended with exit code 1: ***; wrong key ***',
  })
  const oneLine = key.split('\n')[1]
  const cut = await writeScript(await temporaryFolder(context), `echo "at ${oneLine}" >&2; exit 1`)
  await assert.rejects(() => runCosign(cut, ['sign'], { environment: {}, own }), {
    message: 'cosign sign ended with exit code 1: at ***',
  })
})

test('says so when the program cannot be run', async (context) => {
  const path = join(await temporaryFolder(context), 'cosign')
  await writeFile(path, '')
  await assert.rejects(
    () => runCosign(path, ['sign'], { environment: {} }),
    (error) =>
      error instanceof PromotionError &&
      error.kind === 'signing' &&
      error.message === `${path} could not be run`,
  )
})

test('without an error of its own, cosign is quoted by its last lines', async (context) => {
  const path = await writeScript(
    await temporaryFolder(context),
    'for line in 1 2 3 4 5 6; do echo "line $line" >&2; done; exit 2',
  )
  await assert.rejects(() => runCosign(path, ['sign'], { environment: {} }), {
    message: 'cosign sign ended with exit code 2: line 2; line 3; line 4; line 5; line 6',
  })
})

test('a cosign that was ended by a signal has failed, and it is said', async (context) => {
  const path = await writeScript(await temporaryFolder(context), 'echo done; kill -9 $$')
  const outcome = await callCosign(path, ['sign'], { environment: {} })
  assert.deepEqual(outcome, { exitCode: undefined, stdout: 'done\n', words: '' })
  await assert.rejects(() => runCosign(path, ['sign'], { environment: {} }), {
    message: 'cosign sign was ended by a signal, or crashed: it said nothing',
  })
})

test('what the keeper of a key reads is passed on with its key, and none of its secrets comes back', async (context) => {
  const path = await writeScript(
    await temporaryFolder(context),
    '/usr/bin/env; echo "refused $VAULT_TOKEN at $VAULT_ADDR" >&2; exit 1',
  )
  const environment = { VAULT_TOKEN: 'geheim-token', VAULT_ADDR: 'http://vault', AWS_REGION: 'eu' }
  const { stdout, words } = await callCosign(path, ['sign'], { environment, keyUri: 'hashivault://k' })
  assert.match(stdout, /^VAULT_TOKEN=geheim-token$/m)
  assert.doesNotMatch(stdout, /AWS_REGION/)
  assert.equal(words, 'refused *** at http://vault')
})

test('words without end are cut, when secrets are taken out of them', async (context) => {
  const path = await writeScript(
    await temporaryFolder(context),
    'for each in 1 2 3 4 5 6 7 8; do line="$line$line x$COSIGN_PASSWORD"; done; echo "Error:$line" >&2; exit 1',
  )
  const { words } = await callCosign(path, ['sign'], { environment: {}, own: { COSIGN_PASSWORD: 'geheim' } })
  assert.match(words, /^Error: x\*\*\*( x\*\*\*)+.*…$/)
  assert.equal(words.length, 1001)
  assert.doesNotMatch(words, /g$|ge|heim/)
})
