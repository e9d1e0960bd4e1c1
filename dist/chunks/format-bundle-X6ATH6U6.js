import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{require_dist}from"./chunk-DICDMQ3B.js";import"./chunk-O4KTSJ5J.js";import{__toESM}from"./chunk-374B3WLR.js";var import_bundle=__toESM(require_dist(),1);function formatBundle(bundle){return Buffer.from(JSON.stringify((0,import_bundle.bundleToJSON)(bundle)))}export{formatBundle};
