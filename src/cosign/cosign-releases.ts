/** A released cosign for one platform. */
export interface CosignRelease {
  /** Without the `v`, such as `3.1.3`. */
  readonly version: string
  /** The SHA-256 of the binary, in hexadecimal. */
  readonly checksum: string
}

/** What is downloaded when nothing else is asked for: the version that every flag this program gives was tried with. */
export const PINNED_VERSION = '3.1.3'

/**
 * From cosign_checksums.txt of the release, whose Sigstore bundle was verified: by keyless@projectsigstore.iam.gserviceaccount.com, with the
 * public instance's trusted root.
 */
const PINNED_CHECKSUMS: Readonly<Record<string, string>> = {
  'darwin-amd64': '2347488e5d5b25336644024dfeca5601b190e91197a71a917bda44744aff106c',
  'darwin-arm64': '5cf948c2f4dfe59687bdd0b8523709067383e03982cc543475c8a7dc70e92a76',
  'linux-amd64': '4629c757b7618056f8ddd7e2625ae9fdd94c0372a65049520bc7d9df9efc7f71',
  'linux-arm': '3275e61b43a45aa56a6242b49475d8a01874a07469c08fc32d027ba554996e4c',
  'linux-arm64': 'c5d324e091826b0d7a78eb16fef316450b4eb9aaec045611c08ba06f5e73220a',
  'linux-ppc64le': '15619e924681c97e0fb4f79c0eb8ef5d29665a06fe6a25078500985aed79321b',
  'linux-riscv64': '9736177c6be33e4493304fc34feb8aa29209d531b3d40142d7e2a40bbe2f542f',
  'linux-s390x': '253b571ef9e1aef72ef56d74f464ef9fe5182dc83b1ab430bbffbc4c8e43e7fd',
  'windows-amd64': '9fe59be0eca1271873ce019061335eb1ac419b7059202e797828467ddabe33be',
}

/** Go's names for the processors that Node calls otherwise; Node has a single name for both byte orders of POWER. */
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' }

/** A platform as releases of cosign name it, from Node's names for the system and the processor. */
export function releasePlatform(system: string, processor: string): string {
  return `${system === 'win32' ? 'windows' : system}-${PROCESSORS[processor] ?? processor}`
}

/** The pinned release for a platform; undefined when there is none. */
export function pinnedRelease(platform: string): CosignRelease | undefined {
  const checksum = Object.hasOwn(PINNED_CHECKSUMS, platform) ? PINNED_CHECKSUMS[platform] : undefined
  return checksum === undefined ? undefined : { version: PINNED_VERSION, checksum }
}

/** The platforms that have a release. */
export function releasedPlatforms(): readonly string[] {
  return Object.keys(PINNED_CHECKSUMS)
}
