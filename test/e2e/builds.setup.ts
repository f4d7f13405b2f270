import { spawn } from 'node:child_process'
import { sharedCacheFolder } from '../../infra/local/build-cache.ts'
import { bundleFunctions } from '../../infra/local/function-bundles.ts'
import { synthesise } from '../../infra/local/synth.ts'
import { entriesOf } from '../../infra/local/system.ts'
import { settings } from './laptop.ts'

/**
 * Makes what every running service starts from, while other tests run. After `npm ci` the first services start at once, and each would
 * make it: eight seconds of processor time. A failure shows when a service starts.
 */
export const setup = (): (() => void) => {
  const child = spawn(process.execPath, [import.meta.filename], {
    env: { ...process.env, POSTERN_SETTINGS: settings },
    stdio: 'ignore',
  })
  return () => void child.kill()
}

const cacheFolder = sharedCacheFolder()
if (import.meta.main && cacheFolder !== undefined)
  await bundleFunctions(entriesOf(await synthesise(cacheFolder, new AbortController().signal)), cacheFolder)
