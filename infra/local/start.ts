import { enableCompileCache } from 'node:module'
import { compiledFolder, sharedCacheFolder } from './build-cache.ts'

// Before all other imports, so that the next start takes them from the compile cache.
const cacheFolder = sharedCacheFolder()
if (cacheFolder !== undefined) enableCompileCache(compiledFolder(cacheFolder))
const { run } = await import('./run.ts')
const { synthesise } = await import('./synth.ts')

await run(process.argv.slice(2), process.env, synthesise)
