import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{cutText}from"./chunk-O2UN5X4W.js";var LONGEST_QUOTE=200;function quoteValue(value){return typeof value=="string"?cutText(JSON.stringify(value),LONGEST_QUOTE):value==null?"nothing":typeof value!="object"?String(value):Array.isArray(value)?"a list":"an object"}export{quoteValue};
