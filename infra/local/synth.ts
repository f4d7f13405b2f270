import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { builtOnce, projectRoot } from './build-cache.ts'
import { providerSourcesOf, sourcesVariable } from './provider-lists.ts'
import { StartError } from './start-error.ts'
import { parseTemplate, type Template } from './template.ts'

const run = promisify(execFile)

/** All that the template depends on, beside the context: settings and versions are in files beside package.json. */
const sources = [
  'infra/aws',
  'lib',
  ...readdirSync(projectRoot).filter((name) => /\.(?:json|ya?ml)$/.test(name)),
]

/**
 * Synthesises the stack, without bundling its functions, and reads the template. Needs no network and no credentials.
 * Throws a StartError with the stack's own complaint.
 */
export async function synthesise(cacheFolder: string, signal: AbortSignal): Promise<Template> {
  const providerSources = providerSourcesOf(process.env[sourcesVariable])
  const context = {
    ...contextOfProject(),
    demo: true,
    'aws:cdk:bundling-stacks': [],
    ...(providerSources === undefined ? {} : { providerSources }),
  }
  const folder = await builtOnce(cacheFolder, 'stack', { sources, options: context }, (draft) =>
    runStack(draft, context, signal),
  )
  return parseTemplate(readFileSync(join(folder, 'Postern.template.json'), 'utf8'))
}

async function runStack(outputFolder: string, context: object, signal: AbortSignal): Promise<void> {
  try {
    await run(process.execPath, [join(projectRoot, 'infra/aws/app.ts')], {
      cwd: projectRoot,
      env: { ...process.env, CDK_OUTDIR: outputFolder, CDK_CONTEXT_JSON: JSON.stringify(context) },
      signal,
      maxBuffer: 16 * 1024 * 1024,
    })
  } catch (error) {
    throw new StartError(
      `The stack cannot be synthesised (\`npm run synth\` says more): ${complaintOf(error)}`,
    )
  }
}

/** The CDK's command line would pass this; it is not running here. */
function contextOfProject(): object {
  const settings: { context?: object } = JSON.parse(readFileSync(join(projectRoot, 'cdk.json'), 'utf8'))
  return settings.context ?? {}
}

function complaintOf(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  const line = output.split('\n').find((text) => /^\w*Error\b/.test(text))
  return line ?? output.trim().slice(0, 500)
}
