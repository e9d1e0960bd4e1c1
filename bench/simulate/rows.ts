import {
  ACR_PREMIUM,
  ACR_STANDARD,
  DOCKER_HUB_PAID,
  DOCKER_HUB_PERSONAL,
  ECR_DEFAULT,
  ECR_RAISED,
  ECR_WITHOUT_MOUNTING,
  GAR_MODEL,
  GHCR_MODEL,
  NEAR,
  UNLIMITED,
} from './registries.ts'
import type { RegistryModel } from './registry-model.ts'
import type { Route } from './work.ts'

/** One line of the tables: a route, and what to see to besides numbers. */
export interface Row {
  readonly name: string
  readonly route: Route
  readonly advice: string
}

const TARGETS = 3

/** Every route that is simulated: first by its target, then by its source. */
export const ROWS: readonly Row[] = [
  from(
    NEAR,
    NEAR,
    'Runners in the network of the registries: requests cost next to nothing there, and only bytes count.',
  ),
  from(
    UNLIMITED,
    UNLIMITED,
    'Such as Harbor or distribution of your own, away from the runners. With more shards `plan` and `finish` are most of the time.',
  ),
  from(
    UNLIMITED,
    ECR_DEFAULT,
    'Ask AWS for more PutImage in each target region first: six of them an image, children, signatures and tag included, make nearly all of the time, and no shard changes that.',
  ),
  from(
    UNLIMITED,
    ECR_RAISED,
    'Then InitiateLayerUpload is next: have it raised together with CompleteLayerUpload, and shards pay. Enable `BLOB_MOUNTING` for the account.',
  ),
  from(
    UNLIMITED,
    ECR_WITHOUT_MOUNTING,
    'Base layers are sent into every repository again, ten times the bytes. Enable it, or promote all images into one repository.',
  ),
  from(UNLIMITED, GAR_MODEL, 'One project and region a target: the quota is counted for each of them.'),
  from(
    UNLIMITED,
    ACR_PREMIUM,
    'Bandwidth decides, not runners. What is really granted is often more than the minimum that was published: try, and ask Microsoft for more before a release.',
  ),
  from(
    UNLIMITED,
    ACR_STANDARD,
    'Not for releases of this size: GitHub ends the job before that bandwidth has moved all of it.',
  ),
  from(
    UNLIMITED,
    GHCR_MODEL,
    'Mounts count as uploads do, and all runners of an account share the limit: fewer places on GHCR, and fewer images that changed, are all that helps.',
  ),
  from(
    UNLIMITED,
    DOCKER_HUB_PAID,
    'The limit is one of addresses: more runners have more of them. Runners behind one NAT have one together, so that hosted ones are better here.',
  ),
  {
    ...from(DOCKER_HUB_PAID, UNLIMITED, 'Log in with a paid account, on every runner.'),
    name: 'Docker Hub as the source, paid account',
  },
  {
    ...from(
      DOCKER_HUB_PERSONAL,
      UNLIMITED,
      'Do not try: 50,000 manifests at 200 in six hours are two months. Use a paid account, or a mirror.',
    ),
    name: 'Docker Hub as the source, personal account',
  },
  {
    ...from(GHCR_MODEL, UNLIMITED, 'Reads are limited too, but far above what a few runners ask for.'),
    name: 'GHCR as the source',
  },
]

function from(source: RegistryModel, target: RegistryModel, advice: string): Row {
  return { name: target.name, route: { source, target, targets: TARGETS }, advice }
}
