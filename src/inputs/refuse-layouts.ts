import { layoutIn } from '../oci/layout-name.ts'
import type { InputReader } from './input-reader.ts'
import type { Settings } from './settings.ts'

type WhatIsUsed = Pick<Settings, 'from' | 'to' | 'signing' | 'listSigning' | 'verification'>

/** Notes what can do nothing with an OCI layout, where images are read from one or written to one. */
export function refuseLayouts(inputs: InputReader, used: WhatIsUsed): void {
  const { from, to, signing, listSigning, verification } = used
  if (from === undefined && to.every((target) => layoutIn(target) === undefined)) return
  const signer = signing.by === 'nobody' ? listSigning?.signer : signing.signer
  if (signer === 'cosign') refuse(inputs, 'signer', 'cosign, which cannot look into an OCI layout')
  if (verification.by !== 'nobody' && verification.verifier === 'cosign') {
    refuse(inputs, 'verifier', 'cosign, which cannot look into an OCI layout')
  }
  if (inputs.choice('copy-by') === 'artifactory') {
    refuse(inputs, 'copy-by', 'artifactory, which copies only what is in Artifactory already')
  }
}

function refuse(inputs: InputReader, input: 'signer' | 'verifier' | 'copy-by', what: string): void {
  const hint = `Leave out \`${input}\` when images are read from or written to a layout.`
  inputs.problem(`\`${input}\` is ${what}`, hint)
}
