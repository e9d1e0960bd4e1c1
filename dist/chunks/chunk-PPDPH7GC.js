import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{isJsonObject}from"./chunk-47FYL34K.js";function readJson(content){try{let text=typeof content=="string"?content:new TextDecoder("utf-8",{fatal:!0}).decode(content),value=JSON.parse(text);return isJsonObject(value)?value:void 0}catch{return}}export{readJson};
