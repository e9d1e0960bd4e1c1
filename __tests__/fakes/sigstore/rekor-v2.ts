import { TransparencyLogEntry } from '@sigstore/protobuf-specs'
import { CreateEntryRequest } from '@sigstore/protobuf-specs/rekor/v2'
import { type Answer, jsonAnswer } from '../registry-exchange.ts'
import { hashedRekordBodyV2 } from './entry-bodies.ts'
import { jsonOf, ServiceError, type SigstoreRequest } from './sigstore-request.ts'
import type { TransparencyLog } from './transparency-log.ts'

/** Adds an entry through Rekor v2's API, which takes `hashedrekord` alone. */
export function answerRekorV2(log: TransparencyLog, request: SigstoreRequest): Answer {
  if (request.method !== 'POST' || request.path !== '/api/v2/log/entries') {
    throw new ServiceError(404, `${request.path} does not exist`)
  }
  const { spec } = CreateEntryRequest.fromJSON(jsonOf(request))
  if (spec?.$case !== 'hashedRekordRequestV002') {
    throw new ServiceError(400, `entries of ${spec?.$case} are not taken`)
  }
  const entry = log.append(hashedRekordBodyV2(spec.hashedRekordRequestV002))
  return jsonAnswer(201, TransparencyLogEntry.toJSON(entry))
}
