import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{certificateIdentity}from"./chunk-3OCCBPMI.js";import"./chunk-RANFKES2.js";import"./chunk-LYYGHAAJ.js";export{certificateIdentity};
