import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{contentIn,formatSavedPlan}from"./chunk-XR3UA66N.js";import"./chunk-NS43AXRV.js";import"./chunk-O2UN5X4W.js";import"./chunk-VOZ3ORFJ.js";import"./chunk-374B3WLR.js";export{contentIn,formatSavedPlan};
