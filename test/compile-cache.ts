import { compiledFolder, sharedCacheFolder } from '../infra/local/build-cache.ts'

const folder = sharedCacheFolder()

/** For the environment of a Node process of a test: it takes compiled modules from those before it, which halves its processor time. */
export const compileCache: Readonly<Record<string, string>> =
  folder === undefined ? {} : { NODE_COMPILE_CACHE: compiledFolder(folder) }
