import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, parse, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { getProjectLicenses } from 'generate-license-file'

const ROOT = resolve(import.meta.dirname, '..')
const BUNDLE = 'signed-promote.js'
const CHUNKS = 'chunks'

// CommonJS packages inside the ES module call `require` for Node's own modules.
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)"

const STUBS: Readonly<Record<string, string>> = {
  'action.js': `import { runAction } from './${BUNDLE}'\nawait runAction()\n`,
  'cli.js': `#!/usr/bin/env node\nimport { runCli } from './${BUNDLE}'\nawait runCli()\n`,
}

/** What a package merely knows the types of, and what the machine decides besides: nothing of it is in the bundle. */
const NOT_INCLUDED = ['/^(@typescript\\/)?typescript/']
const LICENCES_HEADER =
  'Signed Promote contains the following packages, each under the licence that follows it.\n'

/** What of undici is used. Its index would bring fetch, WebSockets and caches with it, and a third of the time that a start takes. */
const UNDICI = `
  // How a tunnel through a proxy is asked for.
  require('./lib/dispatcher/dispatcher.js').prototype.connect = require('./lib/api/api-connect.js')
  exports.Agent = require('./lib/dispatcher/agent.js')
  exports.EnvHttpProxyAgent = require('./lib/dispatcher/env-http-proxy-agent.js')
  // Only when it is used: loading it is what changes Node's fetch.
  Object.defineProperty(exports, 'setGlobalDispatcher', {
    enumerable: true,
    get: () => require('./lib/global.js').setGlobalDispatcher,
  })
`

/** What of Sigstore's signer is used. Its index would bring HTTP clients with it, which are most of its size. */
const SIGSTORE_SIGN = `
  module.exports = require('./bundler/index.js')
`

/** The index of a package, and what stands in its place. */
const INSTEAD: Readonly<Record<string, string>> = {
  [resolve(ROOT, 'node_modules/undici/index.js')]: UNDICI,
  [resolve(ROOT, 'node_modules/@sigstore/sign/dist/index.js')]: SIGSTORE_SIGN,
}

const ONLY_WHAT_IS_USED: Plugin = {
  name: 'only what is used of some packages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:undici|sign[\\/]dist)[\\/]index\.js$/ }, ({ path }) => {
      const contents = INSTEAD[path]
      return contents === undefined ? undefined : { contents, loader: 'js', resolveDir: dirname(path) }
    })
  },
}

/**
 * Writes everything that `dist/` holds into a folder: the bundle, what it loads only when it is needed, its two stubs and the licences of
 * what is inside.
 */
export async function buildDistribution(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await rm(join(folder, CHUNKS), { recursive: true, force: true })
  await build({
    // The bundle names its inputs relative to this folder: fixed, the bytes do not depend on where the build is started.
    absWorkingDir: ROOT,
    entryPoints: { [parse(BUNDLE).name]: 'src/entry-points.ts' },
    outdir: resolve(folder),
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: BANNER },
    plugins: [ONLY_WHAT_IS_USED],
    logLevel: 'warning',
  })
  for (const [name, text] of Object.entries(STUBS)) {
    await writeFile(join(folder, name), text, { mode: name === 'cli.js' ? 0o755 : 0o644 })
  }
  await writeFile(join(folder, 'licenses.txt'), await formatLicences())
}

async function formatLicences(): Promise<string> {
  const licences = await getProjectLicenses(join(ROOT, 'package.json'), { exclude: NOT_INCLUDED })
  const sections = licences.map(({ dependencies, content, notices }) => {
    const packages = [...dependencies].sort().map((name) => `- ${name}\n`)
    return `${packages.join('')}\n${[content, ...notices].join('\n\n').replaceAll('\r\n', '\n').trim()}\n`
  })
  return [LICENCES_HEADER, ...sections.sort()].join(`\n${'-'.repeat(80)}\n\n`)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist') } } })
  await buildDistribution(resolve(values.out))
}
