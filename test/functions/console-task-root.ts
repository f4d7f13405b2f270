import { tmpdir } from 'node:os'
import { sharedCacheFolder } from '../../infra/local/build-cache.ts'
import { builtConsole } from '../../infra/local/function-bundles.ts'

/** The folder that Lambda's variable LAMBDA_TASK_ROOT names, with the console as it is built for the laptop. */
export const consoleTaskRoot = (): Promise<string> => builtConsole(sharedCacheFolder() ?? tmpdir())
