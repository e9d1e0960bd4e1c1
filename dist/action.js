import { runAction } from './signed-promote.js'
await runAction()
