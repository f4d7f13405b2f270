import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { builtOnce, projectRoot } from './build-cache.ts'
import { providerSourcesOf, sourcesVariable } from './provider-lists.ts'
import { StartError } from './start-error.ts'
import { parseTemplate, type Template } from './template.ts'

const run = promisify(execFile)

const settingsFile = 'postern.json'
/** Names another settings file, relative to the project. */
const settingsVariable = 'POSTERN_SETTINGS'

/** Everything that the template depends on except the laptop's settings. Versions are in files beside package.json. */
const sources = [
  'infra/aws',
  'lib',
  ...readdirSync(projectRoot).filter((name) => /\.(?:json|ya?ml)$/.test(name)),
]

/**
 * Synthesises the stack, without bundling its functions, and reads the template. Needs no network and no credentials.
 * Throws a StartError with the stack's error message.
 */
export async function synthesise(cacheFolder: string, signal: AbortSignal): Promise<Template> {
  const settings = laptopSettings(settingsOfProject(process.env[settingsVariable]))
  const providerSources = providerSourcesOf(process.env[sourcesVariable])
  const folder = await builtOnce(cacheFolder, 'stack', { sources, options: settings }, (draft) =>
    runStack(draft, settings, signal),
  )
  const template = readFileSync(join(folder, 'Postern.template.json'), 'utf8')
  return parseTemplate(providerSources === undefined ? template : withSources(template, providerSources))
}

/** Set in the template instead of the settings: a start with other sources needs no synthesis, which takes seconds. */
const withSources = (template: string, sources: string): string =>
  JSON.stringify(JSON.parse(template, (name, value: unknown) => (name === sourcesVariable ? sources : value)))

async function runStack(outputFolder: string, settings: object, signal: AbortSignal): Promise<void> {
  const file = join(outputFolder, settingsFile)
  writeFileSync(file, JSON.stringify(settings))
  try {
    await run(process.execPath, [join(projectRoot, 'infra/aws/app.ts'), file], {
      cwd: projectRoot,
      env: {
        ...process.env,
        CDK_OUTDIR: outputFolder,
        // The CDK's rules about templates take three quarters of the synthesis, and nothing is deployed from this one.
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [] }),
      },
      signal,
      maxBuffer: 16 * 1024 * 1024,
    })
  } catch (error) {
    throw new StartError(`The stack cannot be synthesised: ${complaintOf(error)}`)
  }
}

/** The deployment's settings, if any, with the demo API. */
const laptopSettings = (ofProject: object): object => ({
  mailFrom: null,
  adminEmail: null,
  ...ofProject,
  demo: true,
})

function settingsOfProject(named = ''): object {
  const file = resolve(projectRoot, named || settingsFile)
  if (!existsSync(file)) {
    if (named === '') return {}
    throw new StartError(`${settingsVariable} names ${file}, and there is no such file.`)
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new StartError(`${named || settingsFile} is no JSON object.`)
  }
}

function complaintOf(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  const line = output.split('\n').find((text) => /^\w*Error\b/.test(text))
  return line ?? output.trim().slice(0, 500)
}
