import type { HttpContent, HttpResponse } from './http.ts'
import { quoteErrorBody, RegistryError } from './registry-error.ts'

/** Whether a 404 is in the words of a registry, with an error code of its own (OCI distribution specification, "Error Codes"). */
export function isRegistrys404({ status, bytes }: HttpContent): boolean {
  if (status !== 404) return false
  return quoteErrorBody(new TextDecoder().decode(bytes)).codes.some((code) => code !== '')
}

/** The error for a 404 of something that a registry redirected to: that this has nothing does not mean that the registry has not. */
export function strange404(method: string, { url }: Pick<HttpResponse, 'url'>): RegistryError {
  return new RegistryError({
    method,
    url,
    status: 404,
    problem: '404 after a redirect, which does not say that the registry has nothing there',
    hint: 'Ask whoever runs the registry: it refers to a storage that does not have what it should.',
  })
}
