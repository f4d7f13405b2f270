import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { demoFunctionSpec } from '../../../infra/aws/demo-function.ts'
import {
  consoleInto,
  entryAwaitingReady,
  functionBundle,
  hashingPackage,
  laterInto,
} from '../../../infra/aws/function-bundle.ts'
import type { FunctionSpec } from '../../../infra/aws/function-spec.ts'
import { functionSpecs } from '../../../infra/aws/functions.ts'
import { laterModules } from '../../../infra/aws/later-modules.ts'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { replacedPackages } from '../../../infra/replaced-packages.ts'
import { bundleOptionsOf } from '../../bench/cold/bundles.ts'
import { consoleTaskRoot } from '../../functions/console-task-root.ts'
import { functionsByName, synthesise } from './synthesised-template.ts'

type Bundle = {
  readonly file: string
  readonly bytes: number
  readonly inputs: string[]
  /** Those that run before the first request: reached without an `import()`. */
  readonly atStart: ReadonlySet<string>
  readonly imports: string[]
}

const outdir = mkdtempSync(join(tmpdir(), 'postern-bundles-'))
const specs = Object.entries({ ...functionSpecs, 'demo-api': demoFunctionSpec })
const bundles = new Map<string, Bundle>()

/** What the CDK does with the same options, without npm: the hashing package is left outside everywhere, so that it shows. */
beforeAll(async () => {
  symlinkSync(join(projectRoot, 'node_modules'), join(outdir, 'node_modules'))
  await promisify(execFile)('sh', ['-c', consoleInto(outdir)])
  const { metafile } = await build({
    ...(await bundleOptionsOf(projectRoot)),
    entryPoints: specs.map(([name, { entry }]) => ({ in: entry, out: name })),
    outdir,
    outExtension: { '.js': '.cjs' },
    metafile: true,
  })
  for (const [path, { bytes, inputs, imports, entryPoint }] of Object.entries(metafile.outputs)) {
    // What tree shaking dropped is not in the bundle: it has no bytes.
    const kept = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    bundles.set(basename(path, '.cjs'), {
      file: join(projectRoot, path),
      bytes,
      inputs: kept.map(([input]) => input),
      atStart: reached(metafile, entryPoint ?? ''),
      imports: imports.map((imported) => imported.path),
    })
  }
})
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

const reached = (metafile: Metafile, entry: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(entry)) return seen
  seen.add(entry)
  for (const { path, kind } of metafile.inputs[entry]?.imports ?? [])
    if (kind !== 'dynamic-import') reached(metafile, path, seen)
  return seen
}

const holding = (pattern: RegExp): string[] =>
  [...bundles]
    .filter(([, { inputs, imports }]) => [...inputs, ...imports].some((path) => pattern.test(path)))
    .map(([name]) => name)
    .toSorted()
const rows = (chosen: (spec: FunctionSpec) => boolean): string[] =>
  specs.flatMap(([name, spec]) => (chosen(spec) ? [name] : [])).toSorted()

describe('the bundle of the authorizer', () => {
  it.each([
    ['argon2', /@node-rs\/argon2/],
    ['bcrypt', /bcryptjs/],
    ['the contract', /^lib\/contract\//],
    ['the large zod', /node_modules\/zod\/v4\/classic\//],
    ['the SES client', /@aws-sdk\/client-sesv2\//],
    ['the mailer', /^lib\/mail\//],
    ['middy', /@middy\//],
  ])('does not contain %s', (_what, pattern) => {
    const { inputs = [], imports = [] } = bundles.get('authorizer') ?? {}
    expect(inputs).toContain('functions/authorizer.ts')
    expect([...inputs, ...imports].filter((path) => pattern.test(path))).toEqual([])
  })

  it('stays below 128 KiB', () => {
    expect(bundles.get('authorizer')?.bytes).toBeLessThan(128 * 1024)
  })
})

describe('the entry of a function that works behind its response', () => {
  it('is loaded when the function is ready, and not before', async () => {
    const folder = mkdtempSync(join(outdir, 'entry-'))
    const source = `const state = { isReady: false }
      exports.ready = new Promise((resolve) => setImmediate(resolve)).then(() => { state.isReady = true })
      exports.handler = () => state.isReady`
    writeFileSync(join(folder, 'index.js'), source)
    for (const command of entryAwaitingReady(folder)) await promisify(execFile)('sh', ['-c', command])
    const { handler } = await import(join(folder, 'index.mjs'))
    expect(handler()).toBe(true)
  })

  it('is that of each function whose row says so, and of no other', () => {
    const waiting = specs.filter(([, spec]) => {
      const hooks = functionBundle(spec).commandHooks?.afterBundling('', '/out') ?? []
      return hooks.some((command) => command.includes('await ready'))
    })
    expect(waiting.map(([name]) => name)).toEqual(['authorizer'])
  })
})

it('has the files of the console beside the one function that serves them', () => {
  const commands = specs.flatMap(([name, spec]) =>
    (functionBundle(spec).commandHooks?.afterBundling('', '/out') ?? [])
      .filter((command) => command === consoleInto('/out'))
      .map(() => name),
  )
  expect(commands).toEqual(['console-files'])
  expect(readdirSync(join(outdir, 'console'))).toContain('index.html')
})

it('builds the console into the same bytes each time, for the laptop as for AWS', async () => {
  const built = join(outdir, 'console')
  const ofLaptop = join(await consoleTaskRoot(), 'console')
  const files = readdirSync(ofLaptop, { recursive: true, encoding: 'utf8' }).toSorted()
  expect(readdirSync(built, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(files)
  for (const file of files.filter((name) => statSync(join(ofLaptop, name)).isFile()))
    expect(readFileSync(join(built, file)).equals(readFileSync(join(ofLaptop, file))), file).toBe(true)
})

describe('the bundles', () => {
  it('load argon2 exactly where the row of the function says so', () => {
    const loading = [...bundles]
      .filter(([, { imports }]) => imports.includes(hashingPackage))
      .map(([name]) => name)
    expect(loading.toSorted()).toEqual(
      specs.flatMap(([name, { hashes }]) => (hashes ? [name] : [])).toSorted(),
    )
  })

  it('carry bcrypt exactly where a password is checked: the others hash, or do neither', () => {
    const checking = ['change-password', 'console', 'drop-in', 'login', 'second-factors']
    expect(holding(/^bcryptjs$/)).toEqual(checking)
  })

  it('carry the list of frequent passwords exactly where a password is chosen', () => {
    const choosing = ['change-password', 'confirm-password-reset', 'create-user', 'drop-in']
    expect(holding(/^@zxcvbn-ts\/language-common$/)).toEqual(choosing)
  })

  it.each([
    ['the parser of YAML', /^yaml$/, []],
    ['the list of frequent passwords', /^@zxcvbn-ts\//, []],
    ['the verifier of passkeys', /^@simplewebauthn\//, []],
    ['bcrypt', /^bcryptjs$/, []],
    [
      'the schemas of all endpoints',
      /reference\/(?:endpoints|own-endpoint|management-sections)\.ts$/,
      ['meta'],
    ],
  ])('load %s only when a request needs it', (_what, pattern, atStart) => {
    expect(holding(pattern)).not.toEqual([])
    const loading = [...bundles].filter(([, bundle]) =>
      [...bundle.atStart].some((path) => pattern.test(path)),
    )
    expect(loading.map(([name]) => name)).toEqual(atStart)
  })

  it('carry the verifier of passkeys exactly where passkeys are enrolled or used', () => {
    expect(holding(/^@simplewebauthn\//)).toEqual(['console', 'second-factors'])
  })

  it('carry the SES client exactly where mail is sent', () => {
    expect(holding(/@aws-sdk\/client-sesv2\//)).toEqual(
      specs.flatMap(([name, { mail }]) => (mail ? [name] : [])),
    )
  })

  it('carry the client of DynamoDB exactly where the row lists an action', () => {
    expect(holding(/^functions\/wiring\/aws\/dynamodb\.ts$/)).toEqual(rows(({ table }) => table.length > 0))
  })

  it('carry the AWS SDK only where mail is sent', () => {
    expect(holding(/node_modules\/@(?:aws-sdk|smithy)\//)).toEqual(rows(({ mail }) => mail))
  })

  it('are made again by the command in docs/operations.md, with a source map', () => {
    const [, command = ''] =
      /^(npx esbuild [\s\S]*?)^```/m.exec(readFileSync('docs/operations.md', 'utf8')) ?? []
    const { format, target, mainFields, esbuildArgs = {} } = functionBundle({ hashes: false })
    expect((command.match(/--[^\s\\]+/g) ?? []).toSorted()).toEqual(
      [
        ...['--bundle', '--minify', '--platform=node', '--sourcemap', '--outfile=login.js'],
        ...[`--format=${format}`, `--target=${target}`, `--main-fields=${mainFields?.join()}`],
        ...[hashingPackage, ...Object.keys(laterModules)].map((path) => `--external:${path}`),
        ...Object.entries(esbuildArgs).flatMap(([name, value]) =>
          name === '--alias' ? [] : [`${name}=${value}`],
        ),
        ...Object.entries(replacedPackages).map(([name, file]) => `--alias:${name}=./${file}`),
      ].toSorted(),
    )
  })

  it('try argon2 again after a failed load: no import(), whose failure Node keeps', () => {
    const texts = [...bundles].map(([name, { file }]) => [name, readFileSync(file, 'utf8')] as const)
    const loading = (call: string) =>
      texts.filter(([, text]) => text.includes(`${call}("${hashingPackage}")`)).map(([name]) => name)
    expect(loading('require').toSorted()).toEqual(rows(({ hashes }) => hashes === true))
    expect(loading('import')).toEqual([])
  })

  it('require what they load later from a file beside them', async () => {
    const folder = mkdtempSync(join(outdir, 'later-'))
    const source = Object.keys(laterModules).map((path) => `require(${JSON.stringify(path)})`)
    writeFileSync(join(folder, 'index.js'), `exports.loaded = [${source.join(',')}, 'require("yaml")']`)
    await promisify(execFile)('sh', ['-c', laterInto(folder)])
    const inLambda = `process.chdir('/'); console.log(require('${folder}').loaded.map((all) => typeof all).join())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', inLambda])
    expect(stdout.trim()).toBe([...source.map(() => 'object'), 'string'].join())
    expect(readdirSync(folder)).toHaveLength(source.length + 1)
    for (const spec of Object.values(functionSpecs))
      expect(functionBundle(spec).commandHooks?.afterBundling('', '/out')).toContain(laterInto('/out'))
  })

  it('have each module that they load later beside them, and no other', async () => {
    const folder = mkdtempSync(join(outdir, 'later-of-all-'))
    // All at once: each run of the command builds what it finds.
    const seam = '\n/* the next bundle */\n'
    const texts = [...bundles.values()].map(({ file }) => readFileSync(file, 'utf8'))
    writeFileSync(join(folder, 'index.js'), texts.join(seam))
    await promisify(execFile)('sh', ['-c', laterInto(folder)])
    const built = readFileSync(join(folder, 'index.js'), 'utf8').split(seam)
    const beside = readdirSync(folder)
    const later = [...bundles].map(([name, { imports }], index) => {
      const required = new Set(
        [...(built[index] ?? '').matchAll(/\brequire\("\.\/([^"]+)"\)/g)].map(([, file]) => file),
      )
      const left = Object.keys(laterModules).filter((path) =>
        built[index]?.includes(`require(${JSON.stringify(path)})`),
      )
      const missing = [...required].filter((file) => !beside.includes(file ?? ''))
      const wanted = new Set(imports.filter((path) => path in laterModules))
      return { name, loads: required.size, wants: wanted.size, left, missing }
    })
    expect(later).toEqual(
      later.map(({ name, wants }) => ({ name, loads: wants, wants, left: [], missing: [] })),
    )
    expect(later.filter(({ wants }) => wants > 0).length).toBeGreaterThan(5)
  })

  it('need nothing beside themselves but Node, argon2 and what they load later', () => {
    const outside = [...bundles].flatMap(([name, { imports }]) =>
      imports
        .filter((path) => path !== hashingPackage && !(path in laterModules) && !path.startsWith('node:'))
        .map((path) => `${name}: ${path}`),
    )
    // Some packages still name Node's modules without the prefix.
    expect(outside.filter((line) => !/: (?:[a-z_]+)(?:\/[a-z]+)?$/.test(line))).toEqual([])
  })

  it('start on Node with the environment of the stack and nothing else, and export a handler', async () => {
    const Environment = z.object({ Variables: z.record(z.string(), z.unknown()) })
    const functions = functionsByName(synthesise({ demo: true }))
    const starts = [...bundles].map(([name, { file }]) => {
      const { Variables } = Environment.parse(functions.get(name)?.resource.Properties['Environment'])
      const resolved = Object.entries(Variables).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : `resolved-${key}`,
      ])
      const ofLambda = { AWS_REGION: 'eu-west-1', LAMBDA_TASK_ROOT: outdir }
      return { name, file, environment: { ...ofLambda, ...Object.fromEntries(resolved) } }
    })
    // One process for all: a function reads its environment while it is loaded.
    const script = `for (const { name, file, environment } of JSON.parse(process.argv[1])) {
      process.env = environment
      const { handler } = await import(file)
      console.log(name, typeof handler)
    }
    process.exit()`
    const arguments_ = ['--input-type=module', '--eval', script, JSON.stringify(starts)]
    const { stdout } = await promisify(execFile)(process.execPath, arguments_, { env: {} })
    expect(stdout.trim().split('\n')).toEqual(starts.map(({ name }) => `${name} function`))
  })
})
