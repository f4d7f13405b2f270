import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'

/** The only native package. It cannot be bundled, so it is installed next to the bundle. */
export const hashingPackage = '@node-rs/argon2'

/**
 * How a function's code is bundled. The bundle includes the AWS SDK: the copy in Lambda's runtime starts slower and changes
 * without a deployment. With `module` first, esbuild drops the unused half of the SDK.
 */
export const functionBundle = (hashes: boolean): BundlingOptions => ({
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
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      // With the project's lockfile in the asset, each update of an unrelated package would change its hash.
      afterBundling: (_input: string, output: string) => [`rm -f "${output}/package-lock.json"`],
    },
  }),
})
