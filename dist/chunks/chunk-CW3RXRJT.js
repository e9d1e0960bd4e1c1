import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
function imgpkgTag(digest){return`${digest.replace(":","-")}.imgpkg`}function locationsTag(bundle){return`${bundle.replace(":","-")}.image-locations.imgpkg`}function isImgpkgTag(tag){return tag.endsWith(".imgpkg")}export{imgpkgTag,locationsTag,isImgpkgTag};
