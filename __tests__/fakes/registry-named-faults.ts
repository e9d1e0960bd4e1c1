import { LIES } from './registry-lies.ts'
import type { NamedFault } from './registry-named-fault.ts'
import { ODD_ANSWERS } from './registry-odd-answers.ts'
import { READ_FAULTS } from './registry-read-faults.ts'
import { WRITE_FAULTS } from './registry-write-faults.ts'

/** Every fault that the registry plays by name: 12 of them transient, 8 of them lies (docs/reliability.md). */
export const FAULTS: readonly NamedFault[] = [...READ_FAULTS, ...WRITE_FAULTS, ...LIES, ...ODD_ANSWERS]

/** The fault of this name; throws when there is none. */
export function faultNamed(name: string): NamedFault {
  const found = FAULTS.find((fault) => fault.name === name)
  if (found === undefined) throw new Error(`no fault is called "${name}"`)
  return found
}
