import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url)
var COMMAND_TITLES={promote:"Promote",plan:"Plan",sign:"Sign",verify:"Verify",finish:"Finish",check:"Check",repair:"Repair",rollback:"Rollback"};export{COMMAND_TITLES};
