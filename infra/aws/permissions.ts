import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { tableSchema } from '../../lib/table/schema.ts'
import type { FunctionSpec } from './functions.ts'
import { mailAddressOf } from './settings.ts'

const signingActions = {
  sign: ['kms:Sign', 'kms:GetPublicKey'],
  verify: ['kms:GetPublicKey'],
  none: [],
} as const

type Resources = {
  readonly tableArn: string
  readonly signingKey: IKey
  readonly mailFrom: string
}

/** The statements that one function's row in functions.ts stands for. */
export const permissionsOf = (
  scope: Construct,
  spec: FunctionSpec,
  { tableArn, signingKey, mailFrom }: Resources,
): PolicyStatement[] => {
  const statements: PolicyStatement[] = []
  if (spec.table.length > 0) {
    const actions = spec.table.map((action) => `dynamodb:${action}`)
    statements.push(new PolicyStatement({ actions, resources: [tableArn] }))
  }
  if (spec.directory) {
    const resources = [`${tableArn}/index/${tableSchema.directoryIndex.name}`]
    statements.push(new PolicyStatement({ actions: ['dynamodb:Query'], resources }))
  }
  if (spec.timelines) {
    const resources = tableSchema.timelines.names.map((name) => `${tableArn}/index/${name}`)
    statements.push(new PolicyStatement({ actions: ['dynamodb:Query'], resources }))
  }
  if (spec.signing !== 'none') {
    const actions = [...signingActions[spec.signing]]
    statements.push(new PolicyStatement({ actions, resources: [signingKey.keyArn] }))
  }
  if (spec.mail) statements.push(sendMail(scope, mailFrom))
  return statements
}

const sendMail = (scope: Construct, mailFrom: string): PolicyStatement => {
  const { address, domain } = mailAddressOf(mailFrom)
  const identity = (resourceName: string) =>
    Stack.of(scope).formatArn({ service: 'ses', resource: 'identity', resourceName })
  return new PolicyStatement({
    actions: ['ses:SendEmail'],
    // SES checks whichever of the two is the verified identity; the condition keeps the domain to the one sender.
    resources: [identity(domain), identity(address)],
    conditions: { StringEquals: { 'ses:FromAddress': address } },
  })
}
