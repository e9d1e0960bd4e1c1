import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{require_dist}from"./chunk-UNSEBFVX.js";import"./chunk-OMVEYH3H.js";import{__toESM}from"./chunk-LYYGHAAJ.js";var import_bundle=__toESM(require_dist(),1);function formatBundle(bundle){return Buffer.from(JSON.stringify((0,import_bundle.bundleToJSON)(bundle)))}export{formatBundle};
