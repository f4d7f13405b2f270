import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import {
  consoleInto,
  entryAwaitingReady,
  hashingPackage,
  laterInto,
} from '../../../infra/aws/function-bundle.ts'
import { functionSpecs } from '../../../infra/aws/functions.ts'

/**
 * The options of esbuild by which the CDK bundles a function. The hashing package stays outside everywhere, where npm would install it.
 *
 * @param root the checkout whose functions are bundled
 */
export const bundleOptionsOf = async (root: string): Promise<BuildOptions> => {
  const aws = join(root, 'infra/aws')
  const { bundleOptions }: typeof import('../../../infra/aws/bundle-options.ts') = await import(
    join(aws, 'bundle-options.ts')
  )
  const { laterModules }: typeof import('../../../infra/aws/later-modules.ts') = await import(
    join(aws, 'later-modules.ts')
  )
  return { ...bundleOptions, external: [hashingPackage, ...Object.keys(laterModules)] }
}

const programAt = (name: string): string => join(import.meta.dirname, `${name}.ts`)

/**
 * Bundles the functions, and what they are compared with.
 *
 * @param entries source files of the functions, by name
 * @returns the folder of each bundle, as `/var/task`, and its size
 */
export const bundleFunctions = async (root: string, entries: ReadonlyMap<string, string>, outdir: string) => {
  mkdirSync(outdir, { recursive: true })
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(outdir, 'node_modules'))
  const options = await bundleOptionsOf(root)
  const outputOf = (name: string): string => `${name}/index`
  const functions = [...entries].map(([name, entry]) => ({ in: entry, out: outputOf(name) }))
  // These are no functions of Postern, and have the SDK.
  const compared = ['empty', 'only-sdk'].map((name) => ({ in: programAt(name), out: outputOf(name) }))
  await Promise.all([
    build({ ...options, entryPoints: functions, outdir }),
    build({ ...options, alias: {}, entryPoints: compared, outdir }),
    build({
      ...options,
      format: 'esm',
      supported: {},
      entryPoints: [programAt('bootstrap')],
      outfile: join(outdir, 'bootstrap.mjs'),
    }),
  ])
  for (const [name, { worksBehind, servesConsole }] of Object.entries(functionSpecs)) {
    const folder = join(outdir, name)
    const commands = [
      laterInto(folder),
      ...(worksBehind === true ? entryAwaitingReady(folder) : []),
      ...(servesConsole === true ? [consoleInto(folder)] : []),
    ]
    if (entries.has(name)) for (const command of commands) execFileSync('sh', ['-c', command])
  }
  return (name: string) => {
    const folder = join(outdir, name)
    const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile())
    const sizes = files.map(({ name: file }) => statSync(join(folder, file)).size)
    return { folder, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  }
}
