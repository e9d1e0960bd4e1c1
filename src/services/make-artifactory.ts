import { Artifactory } from '../artifactory/artifactory.ts'
import { ArtifactoryClient } from '../artifactory/artifactory-client.ts'
import { ArtifactoryInstance } from '../artifactory/artifactory-instance.ts'
import type { CopyingSettings } from '../inputs/settings.ts'
import { authorizationOf } from '../registry/authorization.ts'
import { CredentialStore } from '../registry/credentials.ts'
import type { Registries } from '../registry/repository.ts'
import type { Toolbox } from './toolbox.ts'

/** Makes what copies inside one Artifactory, with the credentials of its repositories. */
export function makeArtifactory(
  { url, move }: CopyingSettings & { readonly by: 'artifactory' },
  { http, environment, settings }: Toolbox,
  registries: Registries,
): Artifactory {
  const store = new CredentialStore(settings.registries.credentials, environment)
  const client = new ArtifactoryClient(url, http, async (account) => {
    const found = await store.find(account)
    return found && authorizationOf(found, http.secrets)
  })
  return new Artifactory(new ArtifactoryInstance(url, client), registries, move)
}
