/**
 * Which blobs targets are asked for: none, because uploading asks by itself; those that they are not known to have, so that the plan is
 * exact; or every one, even of manifests that are there.
 */
export type BlobQuestions = 'ask while uploading' | 'ask for blobs' | 'ask for every blob'
