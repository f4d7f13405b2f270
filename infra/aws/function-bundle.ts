import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'

/** The one native package. It cannot be inside a bundle, so it is installed beside it. */
export const hashingPackage = '@node-rs/argon2'

/**
 * How a function's code is packed. The AWS SDK goes in: the copy that Lambda carries starts slower and changes without
 * us. `module` first lets esbuild drop the unused half of it.
 */
export const functionBundle = (hashes: boolean): BundlingOptions => ({
  format: OutputFormat.ESM,
  target: 'node24',
  minify: true,
  logLevel: LogLevel.ERROR,
  mainFields: ['module', 'main'],
  // yaml is a CommonJS package that requires `process`, and an ES module has no `require` for it.
  banner:
    "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  bundleAwsSDK: true,
  // A map would double the archive that every cold start loads; docs/operations.md says how to make one afterwards.
  sourceMap: false,
  ...(hashes && {
    nodeModules: [hashingPackage],
    // The binary for Lambda's processor, whatever machine this runs on.
    environment: {
      npm_config_cpu: 'arm64',
      npm_config_os: 'linux',
      npm_config_libc: 'glibc',
      npm_config_prefer_offline: 'true',
    },
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      // The whole project's lockfile: left in, each update of an unrelated package would look like new code.
      afterBundling: (_input: string, output: string) => [`rm -f "${output}/package-lock.json"`],
    },
  }),
})
