import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib/core'
import { AwsSolutionsChecks } from 'cdk-nag'
import { afterAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { PosternStack } from '../../../infra/aws/postern-stack.ts'
import { readSettings } from '../../../infra/aws/settings.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'

const outdir = mkdtempSync(join(tmpdir(), 'postern-nag-'))
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

const Report = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({
          ruleName: z.string(),
          violatingConstructs: z.array(z.object({ constructPath: z.string() })),
        }),
      ),
    }),
  ),
})

/** What the AWS Solutions rules find in an app, without what the code answers for. */
const findings = (name: string, fill: (app: App) => void): string[] => {
  const app = new App({ outdir: join(outdir, name), context: { 'aws:cdk:bundling-stacks': [] } })
  fill(app)
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  // With findings the CDK prints the report and throws; the report is in the file either way.
  const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    app.synth()
  } catch (error) {
    if (!String(error).includes('ValidationFailed')) throw error
  } finally {
    silent.mockRestore()
  }
  const report = Report.parse(JSON.parse(readFileSync(join(outdir, name, 'validation-report.json'), 'utf8')))
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    ),
  )
}

describe('the AWS Solutions rules', () => {
  it('find nothing in the stack that the code does not answer for', () => {
    const settings = readSettings({
      demo: true,
      mailFrom: 'no-reply@mail.example',
      adminEmail: null,
      createMailIdentity: 'domain',
    })
    const found = findings('postern', (app) => {
      new PosternStack(app, 'Postern', { settings, endpoints })
    })
    expect(found).toEqual([])
  })

  it("are really asked, and so are the CDK's: a queue that takes plain HTTP is found, and an invented property", () => {
    const found = findings('careless', (app) => {
      const stack = new Stack(app, 'Careless')
      new Queue(stack, 'Queue')
      new CfnResource(stack, 'Odd', { type: 'AWS::SQS::Queue', properties: { Invented: true } })
    })
    expect(found.some((finding) => finding.startsWith('AwsSolutions-SQS4 at Careless/Queue'))).toBe(true)
    expect(found).toContain('F3002 at Careless/Odd')
  })
})
