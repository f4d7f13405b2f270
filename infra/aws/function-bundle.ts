import { join } from 'node:path'
import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { bundleOptions } from './bundle-options.ts'
import type { FunctionSpec } from './function-spec.ts'
import { laterModules } from './later-modules.ts'
import { projectRoot } from './project-root.ts'

/** The only native package. It cannot be bundled, so it is installed next to the bundle. */
export const hashingPackage = '@node-rs/argon2'

/** The options of the CDK's own call of esbuild. */
export const functionBundle = ({
  hashes,
  worksBehind,
  servesConsole,
}: Pick<FunctionSpec, 'hashes' | 'worksBehind' | 'servesConsole'>): BundlingOptions => ({
  format: OutputFormat.CJS,
  target: bundleOptions.target,
  minify: bundleOptions.minify,
  logLevel: LogLevel.ERROR,
  mainFields: bundleOptions.mainFields,
  bundleAwsSDK: true,
  externalModules: Object.keys(laterModules),
  esbuildArgs: {
    '--supported:dynamic-import': String(bundleOptions.supported['dynamic-import']),
    '--alias': Object.entries(bundleOptions.alias).map(([name, file]) => `${name}=${file}`),
  },
  // A map would double the archive that every cold start loads; docs/operations.md shows how to make one later.
  sourceMap: false,
  ...(hashes && {
    nodeModules: [hashingPackage],
    // Installs the binary for Lambda's processor on any build machine.
    environment: {
      npm_config_cpu: 'arm64',
      npm_config_os: 'linux',
      npm_config_libc: 'glibc',
      npm_config_prefer_offline: 'true',
    },
  }),
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_input: string, output: string) => [
      // With the project's lockfile in the asset, each update of an unrelated package would change its hash.
      `rm -f "${output}/package-lock.json"`,
      laterInto(output),
      ...(worksBehind === true ? entryAwaitingReady(output) : []),
      ...(servesConsole === true ? [consoleInto(output)] : []),
    ],
  },
})

/** The command that takes what is loaded later out of a bundle. */
export const laterInto = (output: string): string =>
  `"${process.execPath}" "${join(projectRoot, 'infra/aws/later-modules.ts')}" "${output}"`

/** The command that builds the console into the folder from which the function serves it. */
export const consoleInto = (output: string): string =>
  `"${process.execPath}" "${join(projectRoot, 'console/build.ts')}" "${output}/console"`

/** For an `import` of a CommonJS file, Node would read the file once more to find its exports: 1 to 2 ms. */
const requiringFunction =
  "const { handler, ready } = process.getBuiltinModule('module').createRequire(import.meta.url)('./function.cjs')"

/**
 * The commands that make an entry which awaits `ready`: a registration as an extension must be over before Lambda's runtime has loaded
 * the function and asks for the first event.
 */
export const entryAwaitingReady = (output: string): string[] => [
  `mv "${output}/index.js" "${output}/function.cjs"`,
  `printf '%s\\n' "${requiringFunction}" 'await ready' 'export { handler }' > "${output}/index.mjs"`,
]
