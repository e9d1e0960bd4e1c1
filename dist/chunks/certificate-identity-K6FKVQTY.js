import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{certificateIdentity}from"./chunk-LKHGK2BM.js";import"./chunk-NNRNNQXQ.js";import"./chunk-374B3WLR.js";export{certificateIdentity};
