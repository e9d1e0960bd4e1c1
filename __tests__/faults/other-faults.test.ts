import { FAULTS } from '../fakes/registry-named-faults.ts'
import { playAll } from './play-all.ts'
import { NO_FAULT } from './run-fault.ts'

playAll('other faults are survived, ignored or refused', [
  NO_FAULT,
  ...FAULTS.filter(({ mark }) => mark === undefined),
])
