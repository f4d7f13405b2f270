import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConsoleFiles } from '../lib/console/console-file.ts'
import { consoleAsset, consolePage } from '../lib/console/console-file.ts'
import { consoleFileEndpoints } from '../lib/console/console-file-endpoints.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { metaEndpoints } from '../lib/reference/meta-endpoints.ts'
import { guideReply, referenceReply } from '../lib/reference/reference-file.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'

/** Lambda's folder of the function's code. The build puts the files of the console and of the reference into it. */
const folder = join(required('LAMBDA_TASK_ROOT'), 'console')
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
const files: ConsoleFiles = {
  names: new Set(names),
  read: (name) => readFileSync(join(folder, name), 'base64'),
}

export const handler = httpFunction(
  'console-files',
  [...consoleFileEndpoints, ...metaEndpoints],
  {
    showConsole: ({ headers }) => consolePage(files, headers['accept-encoding']),
    showConsoleScreen: ({ headers }) => consolePage(files, headers['accept-encoding']),
    showReference: () => referenceReply(files, required('ISSUER')),
    showGuide: ({ params, headers }) => guideReply(files, params.guide, headers['accept-encoding']),
    getConsoleAsset: ({ params, headers }) => consoleAsset(files, params.file, headers['accept-encoding']),
  },
  { log, now: Date.now },
)
