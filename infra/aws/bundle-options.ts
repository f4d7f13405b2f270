import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { replacedPackages } from '../replaced-packages.ts'
import { projectRoot } from './project-root.ts'

/**
 * How a function's code is bundled, for the shortest start (`npm run bench:cold`). CommonJS, because an `import` of one of Node's
 * modules loads all that the module offers: that of `node:http` loads undici. With `module` first, esbuild drops the unused half of
 * packages.
 */
export const bundleOptions = {
  absWorkingDir: projectRoot,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  minify: true,
  mainFields: ['module', 'main'],
  alias: Object.fromEntries(
    Object.entries(replacedPackages).map(([name, file]) => [name, join(projectRoot, file)]),
  ),
  // Loads what a request needs by `require`: Node keeps the failure of an `import()`, so each later hash of the container would fail.
  supported: { 'dynamic-import': false },
  logLevel: 'error',
} satisfies BuildOptions
