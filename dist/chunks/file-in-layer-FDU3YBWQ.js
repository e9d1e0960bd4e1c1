import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{fileInLayer}from"./chunk-NOCUKFBY.js";import"./chunk-BY5MXZAA.js";import"./chunk-3WDONMCJ.js";import"./chunk-374B3WLR.js";export{fileInLayer};
