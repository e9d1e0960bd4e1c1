import type { TestContext } from 'node:test'
import { HttpClient } from '../../src/registry/http.ts'
import { type PrivateSigstore, startPrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'
import { FAST } from '../registry/connect.ts'

/** A private Sigstore and a client for it; both end with the test. */
export interface SigstoreScene {
  readonly sigstore: PrivateSigstore
  readonly http: HttpClient
}

/** Starts both; `certificateLife` is in milliseconds. */
export async function startSigstoreScene(
  context: Pick<TestContext, 'after'>,
  options: { readonly certificateLife?: number } = {},
): Promise<SigstoreScene> {
  const sigstore = await startPrivateSigstore(options)
  const http = new HttpClient({ retry: FAST })
  context.after(async () => {
    await http.close()
    await sigstore.close()
  })
  return { sigstore, http }
}

/** How often a path that begins like this was asked for. */
export function requestsTo({ requests }: PrivateSigstore, url: string): number {
  const { pathname } = new URL(url)
  return requests.filter(({ path }) => path.startsWith(pathname)).length
}
