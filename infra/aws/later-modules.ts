import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundleOptions } from './bundle-options.ts'

/**
 * What a bundle loads from a file of its own when a request needs it, by the path that the sources import. Inside the bundle, V8 would
 * parse it at each start: 10 KB take 0.5 ms. Such a file has its own copy of whatever it imports, so no class of an error and no state
 * may cross.
 */
export const laterModules: Readonly<Record<string, string>> = {
  '../lib/reference/management-sections.ts': 'lib/reference/management-sections.ts',
  '../lib/reference/own-endpoint.ts': 'lib/reference/own-endpoint.ts',
  '@simplewebauthn/server': '@simplewebauthn/server',
  '@zxcvbn-ts/language-common': '@zxcvbn-ts/language-common',
  bcryptjs: 'bcryptjs',
  yaml: 'yaml',
}

const fileOf = (path: string): string => `${path.replaceAll(/^\W+|\.ts$/g, '').replaceAll('/', '-')}.js`

/** Builds the later modules of the bundle in a folder beside it, and lets it require them there. */
const bundleLater = async (folder: string): Promise<void> => {
  const bundle = join(folder, 'index.js')
  let code = readFileSync(bundle, 'utf8')
  for (const [path, entry] of Object.entries(laterModules)) {
    const call = `require(${JSON.stringify(path)})`
    if (!code.includes(call)) continue
    const outfile = join(folder, fileOf(path))
    await build({ ...bundleOptions, entryPoints: [entry], outfile })
    code = code.replaceAll(call, `require("./${fileOf(path)}")`)
  }
  writeFileSync(bundle, code)
}

const [folder] = process.argv.slice(2)
if (import.meta.main && folder !== undefined) await bundleLater(folder)
