import { enableCompileCache } from 'node:module'
import { compiledFolder, sharedCacheFolder } from './build-cache.ts'

// Before anything else is loaded: the next start then reads no TypeScript any more.
const cacheFolder = sharedCacheFolder()
if (cacheFolder !== undefined) enableCompileCache(compiledFolder(cacheFolder))
const { run } = await import('./run.ts')
const { synthesise } = await import('./synth.ts')

await run(process.argv.slice(2), process.env, synthesise)
