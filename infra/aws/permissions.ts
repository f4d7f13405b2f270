import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { type PartitionName, partitions } from '../../lib/table/keys.ts'
import { tableSchema } from '../../lib/table/schema.ts'
import type { FunctionSpec, TableAction } from './function-spec.ts'
import { mailAddressOf } from './settings.ts'

const signingActions = {
  sign: ['kms:Sign', 'kms:GetPublicKey'],
  verify: ['kms:GetPublicKey'],
  none: [],
} as const

/** The encryption contexts of `lib/factors/secret-seal.ts` and `lib/http/cursors.ts`: the key is used for nothing else. */
const sealedFor = {
  factors: { purpose: 'totp', owner: 'userId' },
  'open factors': { purpose: 'totp', owner: 'userId' },
  cursors: { purpose: 'cursor', owner: 'organizationId' },
} as const

const sealingStatement = (seals: keyof typeof sealedFor, keyArn: string): PolicyStatement => {
  const { purpose, owner } = sealedFor[seals]
  return new PolicyStatement({
    actions: seals === 'open factors' ? ['kms:Decrypt'] : ['kms:Encrypt', 'kms:Decrypt'],
    resources: [keyArn],
    conditions: {
      StringEquals: { 'kms:EncryptionContext:purpose': purpose },
      Null: { [`kms:EncryptionContext:${owner}`]: 'false' },
    },
  })
}

type Resources = {
  readonly tableArn: string
  readonly signingKey: IKey
  readonly sealingKey: IKey
  readonly mailFrom: string
}

/** The policy statements for one function's row in functions.ts. */
export const permissionsOf = (
  scope: Construct,
  spec: FunctionSpec,
  { tableArn, signingKey, sealingKey, mailFrom }: Resources,
): PolicyStatement[] => {
  const statements = [
    ...onPartitions(spec.table.filter(isReading), [...new Set([...spec.writes, ...spec.reads])], tableArn),
    ...onPartitions(
      spec.table.filter((action) => !isReading(action)),
      spec.writes,
      tableArn,
    ),
  ]
  if (spec.directory) {
    const resources = [`${tableArn}/index/${tableSchema.directoryIndex.name}`]
    statements.push(new PolicyStatement({ actions: ['dynamodb:Query'], resources }))
  }
  if (spec.search) {
    const resources = tableSchema.words.names.map((name) => `${tableArn}/index/${name}`)
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
  if (spec.seals !== undefined) statements.push(sealingStatement(spec.seals, sealingKey.keyArn))
  if (spec.mail) statements.push(sendMail(scope, mailFrom))
  return statements
}

const isReading = (action: TableAction): boolean => ['GetItem', 'BatchGetItem', 'Query'].includes(action)

/**
 * Actions on the items of some partitions. `ForAllValues` also matches a request that names no key; `Null` excludes that (IAM user
 * guide, "Set operators for multivalued context keys"). IAM checks each part of a transaction against its own action.
 */
const onPartitions = (
  actions: readonly TableAction[],
  names: readonly PartitionName[],
  tableArn: string,
): PolicyStatement[] => {
  if (actions.length === 0) return []
  return [
    new PolicyStatement({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': names.map((name) => `${partitions[name]}*`) },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    }),
  ]
}

/**
 * SES requires the permission on the sender's verified identity (address or domain), on the configuration set that applies, and on
 * the identity of each recipient that is verified in the account (in the sandbox: all). The default configuration set and the
 * recipients are unknown at synthesis, so the condition restricts the role to one sender.
 * https://github.com/aws/aws-cdk/issues/34402, https://github.com/aws/aws-sdk-js/issues/3641
 *
 * SES checks `SendRawEmail` too when it gets a finished message. AWS does not say which it checks when SES adds an attachment by itself.
 * https://github.com/anymail/django-anymail/issues/384
 */
const sendMail = (scope: Construct, mailFrom: string): PolicyStatement =>
  new PolicyStatement({
    actions: ['ses:SendEmail', 'ses:SendRawEmail'],
    resources: ['identity', 'configuration-set'].map((resource) =>
      Stack.of(scope).formatArn({ service: 'ses', resource, resourceName: '*' }),
    ),
    conditions: { StringEquals: { 'ses:FromAddress': mailAddressOf(mailFrom).address } },
  })
