import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionScene } from './builders/promotion-scene.ts'
import { runAction, runTerminal } from './security/run-program.ts'

test('that a plan has something to do ends a terminal with 2, and fails no step of a workflow', async () => {
  await using scene = await PromotionScene.start()
  const { folder } = scene
  const inputs = { lock: 'images.yml', to: `${scene.target.host}/prod/app`, 'public-key': 'cosign.pub' }
  const flags = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value])
  const [terminal, action] = await Promise.all([
    runTerminal(['plan', ...flags], { folder }),
    runAction({ command: 'plan', ...inputs }, { folder }),
  ])
  assert.deepEqual([terminal.exitCode, action.exitCode], [2, 0], terminal.stderr + action.stdout)
  assert.match(action.outputs, /^changes<<.*\ntrue\n/m)
  assert.match(terminal.stdout, /^ {2}→ .*: sent 7 manifests/m)
})
