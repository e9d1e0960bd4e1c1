import { Extension } from '@peculiar/x509'
import { der, UTF8_STRING } from './der.ts'
import type { IdentityClaims } from './identity-claims.ts'

const ARC = '1.3.6.1.4.1.57264.1'
const GITHUB = 'https://github.com'

/** What Fulcio writes into a certificate of the claims of a token (fulcio, docs/oid-info.md); claims that are absent are left out. */
export function certificateExtensions(claims: Partial<IdentityClaims>): readonly Extension[] {
  const extensions = [
    ...oldExtensions(claims).map(([number, value]) => toExtension(number, value, Buffer.from)),
    ...newExtensions(claims).map(([number, value]) =>
      toExtension(number, value, (text) => der(UTF8_STRING, text)),
    ),
  ]
  return extensions.filter((extension) => extension !== undefined)
}

type Numbered = readonly (readonly [number: number, value: string | undefined])[]

/** Those whose value is the bare text. */
function oldExtensions(claims: Partial<IdentityClaims>): Numbered {
  return [
    [1, claims.iss],
    [2, claims.event_name],
    [3, claims.sha],
    [4, claims.workflow],
    [5, claims.repository],
    [6, claims.ref],
  ]
}

/** Those whose value is a UTF8String in DER. */
function newExtensions(claims: Partial<IdentityClaims>): Numbered {
  const { repository, run_id, run_attempt } = claims
  return [
    [8, claims.iss],
    [9, onGithub(claims.job_workflow_ref)],
    [10, claims.job_workflow_sha],
    [11, claims.runner_environment],
    [12, onGithub(repository)],
    [13, claims.sha],
    [14, claims.ref],
    [15, claims.repository_id],
    [16, onGithub(claims.repository_owner)],
    [17, claims.repository_owner_id],
    [18, onGithub(claims.workflow_ref)],
    [19, claims.workflow_sha],
    [20, claims.event_name],
    [21, onGithub(run_id && `${repository}/actions/runs/${run_id}/attempts/${run_attempt}`)],
    [22, claims.repository_visibility],
  ]
}

function toExtension(
  number: number,
  value: string | undefined,
  encode: (value: string) => Buffer,
): Extension | undefined {
  return value === undefined ? undefined : new Extension(`${ARC}.${number}`, false, encode(value))
}

function onGithub(path: string | undefined): string | undefined {
  return path && `${GITHUB}/${path}`
}
