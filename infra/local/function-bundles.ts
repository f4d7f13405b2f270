import { findPackageJSON } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildConsole } from '../../console/build.ts'
import { replacedPackages } from '../replaced-packages.ts'
import { builtOnce, projectRoot } from './build-cache.ts'

/** The only native package: loaded from where it is installed. */
const nativePackage = '@node-rs/argon2'

/** The entry of each instance's thread. Bundled, because from source every thread would load Node's TypeScript loader: 16 MB. */
const workerEntry = 'infra/local/function-worker.ts'

export type Bundles = {
  readonly workerUrl: URL
  readonly urlOf: (entry: string) => URL
  /** The files beside the bundles, as in Lambda's folder of a function's code. */
  readonly taskRoot: string
}

/**
 * Bundles the functions, as the deployment does: an instance then takes half the memory and starts in half the time. Functions
 * share files for their common code.
 *
 * @param functionEntries source files, relative to the project.
 */
export async function bundleFunctions(
  functionEntries: readonly string[],
  cacheFolder: string,
): Promise<Bundles> {
  const entries = [...functionEntries, workerEntry]
  const folders = entries.map((entry) => entry.slice(0, entry.lastIndexOf('/')))
  const sources = [...new Set(['lib', 'infra/local', 'package-lock.json', ...folders])]
  const folder = await builtOnce(
    cacheFolder,
    'functions',
    { sources, options: { entries, replacedPackages } },
    (draft) => bundle(entries, draft),
  )
  const urlOf = (entry: string) => pathToFileURL(join(folder, `${entry.replace(/\.ts$/, '')}.mjs`))
  return { workerUrl: urlOf(workerEntry), urlOf, taskRoot: await builtConsole(cacheFolder) }
}

/** @returns a folder with the files of the console in `console/` */
export const builtConsole = (cacheFolder: string): Promise<string> =>
  builtOnce(
    cacheFolder,
    'console',
    { sources: ['console', 'docs', 'lib', 'package-lock.json', 'tsconfig.json'], options: {} },
    (draft) => buildConsole(join(draft, 'console')),
  )

async function bundle(entries: readonly string[], outdir: string): Promise<void> {
  const { build, stop } = await import('esbuild')
  const manifest = findPackageJSON(nativePackage, import.meta.url)
  if (manifest === undefined) throw new Error(`The package ${nativePackage} is not installed`)
  const nativeUrl = pathToFileURL(join(manifest, '../index.js')).href
  await build({
    absWorkingDir: projectRoot,
    entryPoints: [...entries],
    outbase: projectRoot,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    alias: Object.fromEntries(
      Object.entries(replacedPackages).map(([name, file]) => [name, join(projectRoot, file)]),
    ),
    logLevel: 'silent',
    // CommonJS packages require Node's modules, and an ES module has no `require`.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [
      {
        name: 'native',
        setup: ({ onResolve }) =>
          onResolve({ filter: new RegExp(`^${nativePackage}$`) }, () => ({
            path: nativeUrl,
            external: true,
          })),
      },
    ],
  })
  await stop()
}
