import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { FunctionSpec } from './function-spec.ts'

/** The only native package. It cannot be bundled, so it is installed next to the bundle. */
export const hashingPackage = '@node-rs/argon2'

/**
 * How a function's code is bundled. The bundle includes the AWS SDK: the copy in Lambda's runtime starts slower and changes
 * without a deployment. With `module` first, esbuild drops the unused half of the SDK.
 */
export const functionBundle = ({
  hashes,
  worksBehind,
}: Pick<FunctionSpec, 'hashes' | 'worksBehind'>): BundlingOptions => ({
  format: OutputFormat.ESM,
  target: 'node24',
  minify: true,
  logLevel: LogLevel.ERROR,
  mainFields: ['module', 'main'],
  // yaml is a CommonJS package that requires `process`, and an ES module has no `require`.
  banner:
    "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  bundleAwsSDK: true,
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
      ...(worksBehind === true ? entryAwaitingReady(output) : []),
    ],
  },
})

/**
 * The commands that make an entry which awaits `ready`: a registration as an extension must be over before Lambda's runtime has loaded
 * the function and asks for the first event.
 */
export const entryAwaitingReady = (output: string): string[] => [
  `mv "${output}/index.mjs" "${output}/function.mjs"`,
  `printf '%s\\n' "import { handler, ready } from './function.mjs'" 'await ready' 'export { handler }' > "${output}/index.mjs"`,
]
