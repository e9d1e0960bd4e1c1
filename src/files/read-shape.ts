import { type GenericSchema, getDotPath, safeParse } from 'valibot'

/** A value of the wanted shape, or in half a sentence what is wrong with it and where, its own texts not shortened. */
export type ReadShape<T> = { readonly value: T } | { readonly problem: string }

/** Reads JSON from outside and checks it against a schema up to the first thing that is wrong; what the schema does not know is dropped. */
export function readShape<T>(text: string, schema: GenericSchema<unknown, T>): ReadShape<T> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    return { problem: 'it is not JSON' }
  }
  const { success, output, issues } = safeParse(schema, json, { abortEarly: true })
  if (success) return { value: output }
  const [issue] = issues
  const place = getDotPath(issue)
  const what = issue.type === 'custom' ? issue.message : `${issue.received} is not ${issue.expected}`
  return { problem: place === null ? what : `${place}: ${what}` }
}
