/** Whether a tag of a plan has yet to be made or moved. */
export function isToMove({ action, isDone }: { readonly action: string; readonly isDone?: true }): boolean {
  return action !== 'keep' && !isDone
}
