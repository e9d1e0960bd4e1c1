import type { SourceRepository } from '../registry/repository.ts'
import { ATTESTATION_LIMIT, type FoundSignature } from './found-signature.ts'
import { judgeSignature, type Question } from './judge-signature.ts'
import { type Judgement, refused } from './judgement.ts'
import { openBundle } from './open-bundle.ts'
import { openEnvelope } from './open-envelope.ts'
import { openLayer } from './open-layer.ts'
import type { OpenSignature } from './open-signature.ts'

/** Reads what was found at one place and judges it: one signature, but for an envelope that has several. */
export async function judgeFound(
  { place, content }: FoundSignature,
  repository: SourceRepository,
  question: Question,
): Promise<readonly Judgement[]> {
  if ('problem' in content) return [refused(content.problem)]
  const bytes = await repository.readBlob(content.blob, ATTESTATION_LIMIT)
  switch (place) {
    case 'referrer':
      return [judgeOpen(openBundle(bytes), question)]
    case 'sig':
      return [judgeOpen(openLayer(bytes, content.annotations), question)]
    case 'att':
      return openEnvelope(bytes, content.annotations).map((open) =>
        onlyAttestation(judgeOpen(open, question)),
      )
  }
}

function judgeOpen(open: OpenSignature | string, question: Question): Judgement {
  return typeof open === 'string' ? refused(open) : judgeSignature(open, question)
}

/** Nobody else looks for a signature under that tag. */
function onlyAttestation(judgement: Judgement): Judgement {
  return judgement.counts && judgement.predicateType === undefined
    ? refused('it is a signature, and stands under the .att tag')
    : judgement
}
