import * as z from 'zod'
import { functionsByName, referredId, resourcesOf, type Template } from './synthesised-template.ts'

const Target = z.object({ Arn: z.unknown(), RoleArn: z.unknown() })
const Role = z.object({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(
    z.object({
      PolicyDocument: z.object({
        Statement: z.array(z.object({ Action: z.unknown(), Resource: z.unknown() })),
      }),
    }),
  ),
})

/** The properties of the one schedule that calls a function. */
export const scheduleOf = (template: Template, functionName: string): Record<string, unknown> => {
  const functionId = functionsByName(template).get(functionName)?.id
  const [first, ...others] = resourcesOf(template, 'AWS::Scheduler::Schedule')
    .map(([, { Properties }]) => Properties)
    .filter((properties) => referredId(Target.parse(properties['Target']).Arn) === functionId)
  if (first === undefined || others.length > 0)
    throw new Error(`${functionName} has ${others.length + 1} schedules, or none`)
  return first
}

/** What the role of that schedule may do, and who may take it on. */
export const startersOf = (template: Template, functionName: string) => {
  const roleId = referredId(Target.parse(scheduleOf(template, functionName)['Target']).RoleArn)
  const role = Role.parse(template.Resources[roleId]?.Properties)
  const statements = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
  return {
    statements: statements.map(({ Action, Resource }) => ({
      action: Action,
      resource: referredId(Resource),
    })),
    trust: role.AssumeRolePolicyDocument,
  }
}
