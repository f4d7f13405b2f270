import * as z from 'zod'
import { type References, resolveIntrinsics } from '../intrinsics.ts'
import { resourcesOf, type Template } from '../template.ts'
import { policyDocument, type Statement } from './policy.ts'

const functionRole = z.object({ Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) })
const inlinePolicies = z.array(z.object({ PolicyDocument: policyDocument }))
const attachedPolicy = z.object({ Roles: z.array(z.string()), PolicyDocument: policyDocument })

/**
 * The policy statements of a function's role in the template. Throws an Error that names the role when it contains something that
 * the laptop does not evaluate.
 */
export function statementsOf(template: Template, references: References, functionId: string): Statement[] {
  const { Role } = functionRole.parse(template.Resources[functionId]?.Properties)
  const [roleId] = Role['Fn::GetAtt']
  const properties = template.Resources[roleId]?.Properties
  if (properties === undefined) throw new Error(`${functionId} has no role in the template`)
  if (properties['ManagedPolicyArns'] !== undefined)
    throw new Error(`${roleId} has managed policies, which the laptop does not know`)
  try {
    const inline = inlinePolicies.parse(resolveIntrinsics(properties['Policies'] ?? [], references))
    const attached = resourcesOf(template, 'AWS::IAM::Policy')
      .map(([, policy]) => attachedPolicy.parse(resolveIntrinsics(policy.Properties, references)))
      .filter(({ Roles }) => Roles.includes(roleId))
    return [...inline, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new Error(`The laptop cannot read the policies of ${roleId}: ${reason}`, { cause })
  }
}
