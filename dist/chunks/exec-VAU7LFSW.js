import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{exec,getExecOutput}from"./chunk-CKKAXO3Q.js";import"./chunk-LYYGHAAJ.js";export{exec,getExecOutput};
