import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
var REPORT_FORMAT="signed-promote/report/v1";export{REPORT_FORMAT};
