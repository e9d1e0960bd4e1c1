/** What an identity token says of who asked for it: the claims that Fulcio reads, in the issuer's own words. */
export interface IdentityClaims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  /** Seconds since 1970. */
  readonly iat: number
  readonly nbf: number
  readonly exp: number
  readonly email?: string
  readonly email_verified?: boolean
  readonly repository?: string
  readonly repository_id?: string
  readonly repository_owner?: string
  readonly repository_owner_id?: string
  readonly repository_visibility?: string
  readonly workflow?: string
  readonly workflow_ref?: string
  readonly workflow_sha?: string
  readonly job_workflow_ref?: string
  readonly job_workflow_sha?: string
  readonly ref?: string
  readonly sha?: string
  readonly event_name?: string
  readonly run_id?: string
  readonly run_attempt?: string
  readonly runner_environment?: string
}

/** Claims that a test wants to be as it says; undefined leaves one out. */
export type WantedClaims = { readonly [Name in keyof IdentityClaims]?: IdentityClaims[Name] | undefined }

const LIFE_S = 300
const REF = 'refs/heads/main'
const WORKFLOW_REF = `acme/app/.github/workflows/release.yml@${REF}`
const SHA = '9f1d2c3b4a5968778695a4b3c2d1e0f123456789'

/** The claims of GitHub's issuer for a push to acme/app, or of a person's login when there is an `email`; `wanted` overrides. */
export function makeClaims(issuer: string, wanted: WantedClaims): IdentityClaims {
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: now, nbf: now, exp: now + LIFE_S }
  const who =
    wanted.email === undefined ? GITHUB_CLAIMS : { sub: `login:${wanted.email}`, email_verified: true }
  return { iss: issuer, aud: 'sigstore', ...times, ...who, ...wanted } as IdentityClaims
}

const GITHUB_CLAIMS = {
  sub: `repo:acme/app:ref:${REF}`,
  repository: 'acme/app',
  repository_id: '1001',
  repository_owner: 'acme',
  repository_owner_id: '2002',
  repository_visibility: 'private',
  workflow: 'release',
  workflow_ref: WORKFLOW_REF,
  workflow_sha: SHA,
  job_workflow_ref: WORKFLOW_REF,
  job_workflow_sha: SHA,
  ref: REF,
  sha: SHA,
  event_name: 'push',
  run_id: '3003',
  run_attempt: '1',
  runner_environment: 'github-hosted',
}
