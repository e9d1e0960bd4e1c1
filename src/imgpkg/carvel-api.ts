/** The `apiVersion` of all of Carvel's files that list images (imgpkg, lock files and image locations). */
export const CARVEL_API = 'imgpkg.carvel.dev/v1alpha1'
