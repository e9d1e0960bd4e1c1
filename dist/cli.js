#!/usr/bin/env node
import { runCli } from './signed-promote.js'
await runCli()
