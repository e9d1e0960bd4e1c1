import type { FileLocation } from '../errors.ts'

/** `file:line:column: message`, as editors and compilers write it; the message alone where there is no place. */
export function placed(message: string, location: FileLocation | undefined): string {
  if (location === undefined) return message
  const { file, line, column } = location
  const parts = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined)
  return `${parts.join(':')}: ${message}`
}
