import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{exec,getExecOutput}from"./chunk-T2VD34RP.js";import"./chunk-374B3WLR.js";export{exec,getExecOutput};
