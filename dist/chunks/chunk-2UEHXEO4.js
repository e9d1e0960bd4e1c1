import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
function codeOf(cause){return cause instanceof Error&&"code"in cause?cause.code:void 0}function isMissing(cause){let code=codeOf(cause);return code==="ENOENT"||code==="ENOTDIR"}export{codeOf,isMissing};
