import { isAttachedTag } from '../oci/attached-tag.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { formatRepository, hostIn, isTag, parseRepositoryName } from '../oci/reference.ts'
import { splitReference } from '../oci/split-reference.ts'

/** Where an entry of a layout belongs: `host/path`, or undefined for every repository; and the tag by which it is known there. */
export interface EntryName {
  readonly repository: string | undefined
  readonly tag: string | undefined
}

/** OCI image specification, "Pre-Defined Annotation Keys". */
const REF_NAME = 'org.opencontainers.image.ref.name'
/** What containerd and docker make an image of; only images that have a tag get it. */
const IMAGE_NAME = 'io.containerd.image.name'
/** The same for everything else: images without a tag, and what is attached to images. */
const OWN_NAME = 'dev.signed-promote.name'
/** How both of them call Docker Hub. */
const DOCKER_HUB = 'docker.io'
const SERVES_DOCKER_HUB = 'index.docker.io'

/** What an entry's annotations say of where it belongs, whichever tool wrote them. */
export function readEntryName(annotations: Annotations = {}): EntryName {
  const refName = annotations[REF_NAME]
  const name =
    parseName(annotations[OWN_NAME]) ??
    parseName(annotations[IMAGE_NAME]) ??
    (refName !== undefined && hostIn(refName) !== undefined ? parseName(refName) : undefined)
  if (name !== undefined) return name
  return { repository: undefined, tag: refName !== undefined && isTag(refName) ? refName : undefined }
}

/** The annotations of an entry of our own; `isOnly`: no other entry has this tag, so that tools can call it by the tag alone. */
export function writeEntryName(repository: string, tag: string | undefined, isOnly: boolean): Annotations {
  const [host, ...path] = repository.split('/')
  const called = host === SERVES_DOCKER_HUB ? [DOCKER_HUB, ...path].join('/') : repository
  if (tag === undefined) return { [OWN_NAME]: called }
  const name = `${called}:${tag}`
  return { [isAttachedTag(tag) ? OWN_NAME : IMAGE_NAME]: name, [REF_NAME]: isOnly ? tag : name }
}

/** `host/path`, with a tag or a digest behind it or without; undefined for anything else. */
function parseName(text: string | undefined): EntryName | undefined {
  if (text === undefined) return undefined
  const { name, tag } = splitReference(text)
  if (tag !== undefined && !isTag(tag)) return undefined
  try {
    return { repository: formatRepository(parseRepositoryName(name)), tag }
  } catch {
    // What no registry could be called by is a name of somebody else's own.
    return undefined
  }
}
