import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{fileInLayer}from"./chunk-4NMLL3FA.js";import"./chunk-BY5MXZAA.js";import"./chunk-STAAQ7V6.js";import"./chunk-374B3WLR.js";export{fileInLayer};
