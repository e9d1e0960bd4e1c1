/** What a place has yet to get, as a plan holds it. */
interface Lacking {
  readonly manifests: readonly unknown[]
  readonly attachedTags: readonly unknown[]
  readonly referrers: readonly unknown[]
  readonly atomic?: { readonly missing: readonly unknown[] }
}

/** Whether a place gets anything but tags of the image: manifests, or what is attached to them. */
export function bringsContent({ manifests, attachedTags, referrers, atomic }: Lacking): boolean {
  return manifests.length + attachedTags.length + referrers.length + (atomic?.missing.length ?? 0) > 0
}
