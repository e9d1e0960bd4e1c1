import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
var CARVEL_API="imgpkg.carvel.dev/v1alpha1";export{CARVEL_API};
