/** Stands in a template of the input `tags` for each tag by which the list says that the image was known. */
export const ORIGIN_TAG = '{origin-tag}'
