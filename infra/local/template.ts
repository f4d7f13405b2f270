import * as z from 'zod'

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
})

const templateSchema = z.object({
  Resources: z.record(z.string(), resource),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown() })).default({}),
})

/** The part of a CloudFormation template that the laptop reads. */
export type Template = z.infer<typeof templateSchema>
export type Resource = z.infer<typeof resource>

/** Throws a ZodError when the text is not a template. */
export const parseTemplate = (json: string): Template => templateSchema.parse(JSON.parse(json))

/** The resources of some types, with their logical ids. */
export const resourcesOf = (
  template: Template,
  ...types: string[]
): [logicalId: string, resource: Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => types.includes(Type))
