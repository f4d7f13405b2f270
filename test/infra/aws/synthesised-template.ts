import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib/core'
import * as z from 'zod'
import { PosternStack } from '../../../infra/aws/postern-stack.ts'
import { readSettings } from '../../../infra/aws/settings.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
})
const Template = z.object({
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
})

export type Resource = z.output<typeof Resource>
export type Template = z.output<typeof Template>

const made = new Map<string, Template>()

/** The template for some settings, without bundling. */
export const synthesise = (given: Readonly<Record<string, unknown>>): Template => {
  const key = JSON.stringify(given)
  const template = made.get(key) ?? synthesiseAnew(given)
  made.set(key, template)
  return template
}

const synthesiseAnew = (given: Readonly<Record<string, unknown>>): Template => {
  const outdir = mkdtempSync(join(tmpdir(), 'postern-template-'))
  try {
    const app = new App({
      outdir,
      context: { 'aws:cdk:bundling-stacks': [] },
      analyticsReporting: false,
      // The CDK's own rules take four fifths of the time of a template; nag.test.ts runs them on the whole stack.
      builtinCloudFormationValidation: false,
    })
    const settings = readSettings({ mailFrom: null, adminEmail: null, ...given })
    const stack = new PosternStack(app, 'Postern', { settings, endpoints })
    return Template.parse(app.synth().getStackByName(stack.stackName).template)
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type)

/** The one resource of a type. */
export const onlyResource = (template: Template, type: string): Resource => {
  const [first, ...others] = resourcesOf(template, type)
  if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} resources of ${type}`)
  return first[1]
}

const GetAtt = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
const Ref = z.object({ Ref: z.string() })

/** The logical id that a `Ref` or `Fn::GetAtt` points at, however deep in a `Fn::Join` it lies. */
export const referredId = (value: unknown): string => {
  const attribute = GetAtt.safeParse(value)
  if (attribute.success) return attribute.data['Fn::GetAtt'][0]
  const reference = Ref.safeParse(value)
  if (reference.success) return reference.data.Ref
  throw new Error(`no reference: ${JSON.stringify(value)}`)
}

const Join = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) })

/** A text with references written as `<LogicalId>`, `<LogicalId.Attribute>` or `<AWS::Region>`. */
export const written = (value: unknown): string => {
  if (typeof value === 'string') return value
  const joined = Join.safeParse(value)
  if (joined.success) {
    const [separator, parts] = joined.data['Fn::Join']
    return parts.map(written).join(separator)
  }
  const attribute = GetAtt.safeParse(value)
  if (attribute.success) return `<${attribute.data['Fn::GetAtt'].join('.')}>`
  return `<${Ref.parse(value).Ref}>`
}

/** Functions by their entry's file name. */
export const functionsByName = (template: Template): Map<string, { id: string; resource: Resource }> =>
  new Map(
    resourcesOf(template, 'AWS::Lambda::Function').map(([id, resource]) => {
      const entry = z.string().parse(resource.Metadata['postern:entry'])
      return [entry.replace(/^.*\/|\.ts$/g, ''), { id, resource }]
    }),
  )
