import { resolve } from 'node:path'
import { App } from 'aws-cdk-lib/core'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { PosternStack } from './postern-stack.ts'
import { projectRoot } from './project-root.ts'
import { readSettingsFile, refuseSettingsIn, SettingsError } from './settings.ts'

/** The one argument: the file of the settings, relative to the project. */
const file = resolve(projectRoot, process.argv[2] ?? 'postern.json')

try {
  const app = new App()
  refuseSettingsIn(app.node.getAllContext(), file)
  new PosternStack(app, 'Postern', { settings: readSettingsFile(file), endpoints })
  app.synth()
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
