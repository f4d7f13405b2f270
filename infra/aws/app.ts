import { App } from 'aws-cdk-lib/core'
import { endpoints } from '../../lib/contract/endpoints.ts'
import { PosternStack } from './postern-stack.ts'
import { readSettings } from './settings.ts'

const app = new App()
const settings = readSettings((key) => app.node.tryGetContext(key))
new PosternStack(app, 'Postern', { settings, endpoints })
app.synth()
