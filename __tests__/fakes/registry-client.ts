import type { RegistryServer } from './registry-server.ts'

/** What a request got: everything read, so that nothing stays open. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Asks the repository `team/app` of a registry over HTTP; redirects are not followed. */
export async function ask(
  registry: RegistryServer,
  method: string,
  path: string,
  init: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<Got> {
  const url = new URL(
    path.startsWith('/') || path.startsWith('http') ? path : `/v2/team/app/${path}`,
    `http://${registry.host}`,
  )
  const response = await fetch(url, { method, redirect: 'manual', ...init })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The code of the first error of the body. */
export function errorCode({ text }: Got): string {
  return JSON.parse(text).errors[0].code
}
