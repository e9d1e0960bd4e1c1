import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One time that the program in cosign's place was run. */
export interface CosignCall {
  /** As the system shows them to every user of the machine. */
  readonly argv: string
  readonly environment: string
  /** The mode of the docker config folder and what is in it, where one was given. */
  readonly dockerConfig: string
}

/**
 * A program in cosign's place that writes down how it is run and signs nothing: `bin/cosign` in the folder; returns the folder `bin`. It calls
 * itself v3.1.3.
 */
export async function writeRecordingCosign(folder: string): Promise<string> {
  const [bin, calls] = [join(folder, 'bin'), join(folder, 'calls')]
  for (const made of [bin, calls]) await mkdir(made, { recursive: true })
  const script = `#!/bin/sh
call="${calls}/$$"
/usr/bin/tr '\\0' '\\n' < /proc/$$/cmdline > "$call.argv"
/usr/bin/env > "$call.environment"
if [ -n "$DOCKER_CONFIG" ]; then
  { /usr/bin/stat -c %a "$DOCKER_CONFIG"; /bin/cat "$DOCKER_CONFIG/config.json"; } > "$call.docker" 2>&1
fi
if [ "$1" = version ]; then echo '{"gitVersion": "v3.1.3"}'; fi
`
  await writeFile(join(bin, 'cosign'), script)
  await chmod(join(bin, 'cosign'), 0o755)
  return bin
}

/** How it was run, in no certain order; the question for its version included. */
export async function cosignCalls(folder: string): Promise<readonly CosignCall[]> {
  const calls = join(folder, 'calls')
  const names = (await readdir(calls)).filter((name) => name.endsWith('.argv'))
  return Promise.all(
    names.map(async (name) => {
      const part = (kind: string) => readFile(join(calls, name.replace('argv', kind)), 'utf8').catch(() => '')
      return {
        argv: await part('argv'),
        environment: await part('environment'),
        dockerConfig: await part('docker'),
      }
    }),
  )
}
