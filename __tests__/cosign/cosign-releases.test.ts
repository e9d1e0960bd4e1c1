import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pinnedRelease, releasedPlatforms, releasePlatform } from '../../src/cosign/cosign-releases.ts'

test('Node names of systems and processors become those of releases', () => {
  for (const [system, processor, platform] of [
    ['linux', 'x64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['linux', 'arm', 'linux-arm'],
    ['linux', 'ppc64', 'linux-ppc64le'],
    ['linux', 's390x', 'linux-s390x'],
    ['linux', 'riscv64', 'linux-riscv64'],
    ['darwin', 'x64', 'darwin-amd64'],
    ['darwin', 'arm64', 'darwin-arm64'],
    ['win32', 'x64', 'windows-amd64'],
  ] as const) {
    assert.equal(releasePlatform(system, processor), platform)
    assert.match(pinnedRelease(platform)?.checksum ?? '', /^[0-9a-f]{64}$/)
  }
  assert.equal(releasedPlatforms().length, 9)
})

test('every platform has its own binary, and others have none', () => {
  const checksums = releasedPlatforms().map((platform) => pinnedRelease(platform)?.checksum)
  assert.equal(new Set(checksums).size, checksums.length)
  for (const platform of ['windows-arm64', 'freebsd-amd64', '__proto__', 'constructor']) {
    assert.equal(pinnedRelease(platform), undefined)
  }
})
