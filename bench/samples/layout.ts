import type { SampleImage } from './sample-image.ts'

/** A repository, or the folder of repositories that hold one image each. */
export interface Place {
  readonly host: string
  readonly repository: string
  /** Whether each image has a repository of its own below this one. */
  readonly spread: boolean
}

/** The repository of an image, without its host. */
export function repositoryOf({ repository, spread }: Place, { tag }: SampleImage): string {
  return spread ? `${repository}/${tag}` : repository
}

/** `host/repository` of an image. */
export function nameOf(place: Place, image: SampleImage): string {
  return `${place.host}/${repositoryOf(place, image)}`
}
