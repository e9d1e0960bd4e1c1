import { PromotionError } from '../errors.ts'
import { Secret } from './secret.ts'
import type { KeySource } from './settings.ts'

const ENVIRONMENT = 'env://'
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/|^(pkcs11):/i

/**
 * Reads where a key comes from: a path, or `env://NAME`, whose value is taken at once. Throws a PromotionError of kind `input` that
 * never quotes what could be the key itself; `input` names the input in it.
 */
export function parseKeySource(
  text: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
): KeySource {
  if (text.includes('\n') || text.includes('-----')) {
    throw new PromotionError('input', `\`${input}\` holds a key itself instead of the place where one is`, {
      hint: `Put the key into an environment variable and write \`${input}\` as env://NAME.`,
    })
  }
  if (text.startsWith(ENVIRONMENT)) return fromVariable(text.slice(ENVIRONMENT.length), input, environment)
  const scheme = SCHEME.exec(text)
  if (scheme === null) return { path: text }
  throw new PromotionError(
    'input',
    `\`${input}\` is a URI of ${scheme[1] ?? scheme[2]}, which is not supported yet`,
    {
      hint: 'Give the path of a key file, or env://NAME.',
    },
  )
}

function fromVariable(
  variable: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
): KeySource {
  const text = environment[variable]
  if (text !== undefined && text !== '') return { variable, text: new Secret(text) }
  throw new PromotionError('input', `\`${input}\` is env://${variable}, and that variable is not set`, {
    hint: `Set ${variable || 'a variable'} to the text of the key, in the environment of this step.`,
  })
}
