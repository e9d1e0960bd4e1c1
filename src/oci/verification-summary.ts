import { originalName } from './layout-name.ts'
import { formatReference, type PinnedReference } from './reference.ts'

/** The predicate type of a verification summary (SLSA, "Verification Summary Attestation (VSA)", version 1). */
export const VERIFICATION_SUMMARY = 'https://slsa.dev/verification_summary/v1'

/** What every URI of an image in a registry starts with. */
export const OCI_SCHEME = 'oci://'

/** An image in a repository, or what hangs on it, as the URI by which a summary names it; in a layout as the repository it stands for. */
export function resourceUri({ repository, digest }: PinnedReference): string {
  return `${OCI_SCHEME}${formatReference({ repository: originalName(repository), digest })}`
}
