import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{init_p_map,pMap,pMapIterable,pMapKeyed,pMapSettled,pMapSettledKeyed,pMapSkip,pMapStop}from"./chunk-KZQWKSXL.js";import"./chunk-LYYGHAAJ.js";init_p_map();export{pMap as default,pMapIterable,pMapKeyed,pMapSettled,pMapSettledKeyed,pMapSkip,pMapStop};
