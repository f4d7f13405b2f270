import { resolve } from 'node:path'
import { projectRoot } from './project-root.ts'
import { readSettingsFile, refuseSettingsIn, SettingsError } from './settings.ts'

/** The only argument: the settings file, relative to the project. */
const file = resolve(projectRoot, process.argv[2] ?? 'postern.json')

try {
  const settings = readSettingsFile(file)
  // Loaded only after the settings are valid: the CDK takes seconds to load.
  const { App } = await import('aws-cdk-lib/core')
  const app = new App()
  refuseSettingsIn(app.node.getAllContext(), file)
  const { PosternStack } = await import('./postern-stack.ts')
  const { endpoints } = await import('../../lib/reference/endpoints.ts')
  new PosternStack(app, 'Postern', { settings, endpoints })
  app.synth()
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
