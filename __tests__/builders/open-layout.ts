import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { LayoutRegistries } from '../../src/layout/layout-registries.ts'
import { inLayout } from '../../src/oci/layout-name.ts'
import type { RepositoryName } from '../../src/oci/reference.ts'
import type { TargetRepository } from '../../src/registry/repository.ts'
import type { BuiltArtifact } from './built-artifact.ts'

/** A repository that layouts of tests are asked for. */
export const LAYOUT_APP: RepositoryName = { registry: 'registry.example', path: 'team/app' }

/** A folder for one test, with room for layouts. */
export async function layoutFolder(context: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layout '))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The layouts of one run, in a folder. */
export function openLayouts(
  context: Pick<TestContext, 'after'>,
  folder: string,
  signal = new AbortController().signal,
): LayoutRegistries {
  const layouts = new LayoutRegistries(folder, signal)
  context.after(() => layouts.close())
  return layouts
}

/** One repository of a layout, as a new run sees it. */
export function openLayout(
  context: Pick<TestContext, 'after'>,
  folder: string,
  path = 'release',
): TargetRepository {
  return openLayouts(context, folder).target(inLayout(path, LAYOUT_APP))
}

/** Writes an artifact with all below it, under its tag or this one. */
export async function writeInto(
  repository: TargetRepository,
  artifact: BuiltArtifact,
  tag = artifact.attachedTag,
): Promise<void> {
  for (const { descriptor, bytes } of artifact.blobs) await repository.pushBlob(descriptor, bytes)
  for (const manifest of artifact.manifests) await repository.pushManifest(manifest)
  if (tag !== undefined) await repository.tag(tag, artifact.manifest)
  await repository.listAsReferrer(artifact.manifest)
}
