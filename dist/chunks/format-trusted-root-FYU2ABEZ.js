import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
import{require_dist}from"./chunk-O4KTSJ5J.js";import{__toESM}from"./chunk-374B3WLR.js";var import_protobuf_specs=__toESM(require_dist(),1);function formatTrustedRoot(root){return JSON.stringify(import_protobuf_specs.TrustedRoot.toJSON(root))}export{formatTrustedRoot};
