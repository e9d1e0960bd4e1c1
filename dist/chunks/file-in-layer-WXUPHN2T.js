import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{fileInLayer}from"./chunk-N4EXN6US.js";import"./chunk-BY5MXZAA.js";import"./chunk-VOZ3ORFJ.js";import"./chunk-374B3WLR.js";export{fileInLayer};
