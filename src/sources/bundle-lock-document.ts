import { CARVEL_API } from '../imgpkg/carvel-api.ts'
import { formatReference } from '../oci/reference.ts'
import { formatYaml } from '../yaml/yaml.ts'
import type { ImageDocument, ListedReference } from './source.ts'

/** One bundle as a BundleLock, with the tag that it gets at the target if it gets one, and otherwise the one it had. */
export function bundleLockDocument(listed: ListedReference): ImageDocument {
  return {
    listed: [listed],
    rewrite: (placeOf) => {
      const { reference, tag = listed.originTags[0] } = placeOf(listed)
      const bundle = { image: formatReference(reference), ...(tag !== undefined && { tag }) }
      return formatYaml({ apiVersion: CARVEL_API, bundle, kind: 'BundleLock' })
    },
  }
}
