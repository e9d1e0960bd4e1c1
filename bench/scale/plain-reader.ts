import { readFile } from 'node:fs/promises'
import pMap from 'p-map'
import { Agent, request } from 'undici'
import { ACCEPTED_MANIFESTS } from '../../src/oci/media-types.ts'

const CONNECTIONS = 64

/**
 * The plainest client there can be: asks for each manifest in a file of URLs whether it is there, and does nothing else. What it
 * reaches is what the registry gives on this machine.
 */
async function readPlainly(path: string): Promise<void> {
  const urls = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  const dispatcher = new Agent({ connections: CONNECTIONS })
  const headers = { accept: ACCEPTED_MANIFESTS.join(', ') }
  const ask = async (url: string) => {
    const { statusCode, body } = await request(url, { method: 'HEAD', headers, dispatcher, reset: false })
    await body.dump()
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`)
  }
  await pMap(urls, ask, { concurrency: CONNECTIONS })
  await dispatcher.close()
}

await readPlainly(process.argv[2] ?? '')
