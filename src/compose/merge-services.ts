import type { Field, Service, Services } from './service.ts'

/** The only field of ours that is a list: compose appends it, and replaces the others. */
const APPENDED = 'profiles'

/** The services of a file and those of one that is merged over it, as compose does (compose specification, "Merge and override"). */
export function mergeServices(base: Services, over: Services): Services {
  const merged = new Map(base)
  for (const [name, service] of over) {
    const earlier = merged.get(name)
    merged.set(name, earlier === undefined ? service : mergeService(earlier, service))
  }
  return merged
}

/** One service over another of its name, or over the one that it extends. */
export function mergeService(base: Service, over: Service): Service {
  if (over.mode !== 'merge') return over
  const fields = new Map(base.mode === 'reset' ? [] : base.fields)
  for (const [name, field] of over.fields) {
    const earlier = fields.get(name)
    fields.set(name, earlier === undefined ? field : mergeField(name, earlier, field))
  }
  return { ...over, fields }
}

function mergeField(name: string, base: Field, over: Field): Field {
  if (over.mode !== 'merge' || base.mode === 'reset') return over
  return name === APPENDED ? { ...over, values: [...base.values, ...over.values] } : over
}
