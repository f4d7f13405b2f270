import * as z from 'zod'
import { tableSchema } from '../../../lib/table/schema.ts'
import { localAccount, localRegion } from '../references.ts'
import type { Needed } from './policy.ts'

/** A call to an AWS service over HTTP. */
export type Call = {
  readonly method: string
  readonly path: string
  /** `X-Amz-Target`: the operation, in the JSON protocols. */
  readonly target: string
  readonly body: unknown
}

/** The permissions that a call needs; undefined = an unsupported operation, which is refused. */
export type NeededBy = (call: Call) => readonly Needed[] | undefined

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${localRegion}:${localAccount}:${resource}`

const needed = (action: string, resources: readonly string[], context = {}): Needed => ({
  action,
  resources,
  context,
})

/** The condition key for the partition keys of a call's items. */
export const leadingKeys = 'dynamodb:LeadingKeys'

const attribute = z.looseObject({ S: z.string().optional() })
const attributes = z.record(z.string(), attribute)
const onTable = z.object({
  TableName: z.string(),
  IndexName: z.string().optional(),
  Key: attributes.optional(),
  Item: attributes.optional(),
  KeyConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: attributes.default({}),
})
const onTables = z.object({ RequestItems: z.record(z.string(), z.unknown()) })
const keysOfBatch = z.object({ Keys: z.array(attributes) })
const transaction = z.object({ TransactItems: z.array(z.record(z.string(), onTable)) })

/** A transaction needs the permission for each of its parts. */
const transactionActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

const dataActions = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan']
const batchActions = ['BatchGetItem', 'BatchWriteItem']
const transactions = ['TransactWriteItems', 'TransactGetItems']

/** The partition key that a query of the table names. No statement limits the keys of an index. */
const queriedKey = (query: z.infer<typeof onTable>): string[] => {
  const { KeyConditionExpression = '', ExpressionAttributeNames, ExpressionAttributeValues } = query
  return [...KeyConditionExpression.matchAll(/(#?\w+)\s*=\s*(:\w+)/g)].flatMap(
    ([, name = '', value = '']) => {
      const isPartitionKey = (ExpressionAttributeNames[name] ?? name) === tableSchema.partitionKey
      const text = ExpressionAttributeValues[value]?.S
      return isPartitionKey && text !== undefined ? [text] : []
    },
  )
}

const partitionKeyOf = (item: z.infer<typeof attributes>): string[] => {
  const text = item[tableSchema.partitionKey]?.S
  return text === undefined ? [] : [text]
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export const neededByDynamoDb: NeededBy = ({ target, body }) => {
  const operation = target.split('.').at(-1) ?? ''
  const table = (action: string, TableName: string, index: string | undefined, keys: string[]): Needed => {
    const place = `table/${TableName}${index === undefined ? '' : `/index/${index}`}`
    return needed(`dynamodb:${action}`, [arn('dynamodb', place)], { [leadingKeys]: keys })
  }
  const single = (action: string, call: z.infer<typeof onTable>): Needed => {
    const keys = [...partitionKeyOf(call.Key ?? call.Item ?? {}), ...queriedKey(call)]
    return table(action, call.TableName, call.IndexName, keys)
  }
  if (dataActions.includes(operation)) return [single(operation, onTable.parse(body))]
  if (batchActions.includes(operation)) {
    return Object.entries(onTables.parse(body).RequestItems).map(([TableName, request]) => {
      const read = keysOfBatch.safeParse(request)
      const keys = read.success ? read.data.Keys.flatMap(partitionKeyOf) : []
      return table(operation, TableName, undefined, keys)
    })
  }
  if (!transactions.includes(operation)) return undefined
  const parts = transaction.parse(body).TransactItems.flatMap((part) => Object.entries(part))
  return parts.map(([kind, part]) => single(transactionActions[kind] ?? kind, part))
}

const onKey = z.object({
  KeyId: z.string(),
  EncryptionContext: z.record(z.string(), z.string()).default({}),
})

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html */
export const neededByKms: NeededBy = ({ target, body }) => {
  const { KeyId, EncryptionContext } = onKey.parse(body)
  const key = KeyId.startsWith('arn:') ? KeyId : arn('kms', `key/${KeyId}`)
  const pairs = Object.entries(EncryptionContext)
  const context = Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, [value]]))
  return [needed(`kms:${target.split('.').at(-1)}`, [key], context)]
}

const letter = z.object({
  FromEmailAddress: z.string(),
  ConfigurationSetName: z.string().default('default'),
  Destination: z.object({ ToAddresses: z.array(z.string()).default([]) }),
  Content: z.object({ Simple: z.object({ Attachments: z.array(z.unknown()).default([]) }) }),
})

/**
 * Assumes the strictest account: the sender's identity has a default configuration set, the recipients are verified (sandbox),
 * and a mail with an attachment needs the permission for finished messages too.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
export const neededBySes: NeededBy = ({ method, path, body }) => {
  if (`${method} ${path}` !== 'POST /v2/email/outbound-emails') return undefined
  const { FromEmailAddress, ConfigurationSetName, Destination, Content } = letter.parse(body)
  const from = addressIn(FromEmailAddress)
  const actions = ['ses:SendEmail', ...(Content.Simple.Attachments.length === 0 ? [] : ['ses:SendRawEmail'])]
  const resources = [
    identitiesOf(from),
    [arn('ses', `configuration-set/${ConfigurationSetName}`)],
    ...Destination.ToAddresses.map((recipient) => identitiesOf(addressIn(recipient))),
  ]
  return actions.flatMap((action) =>
    resources.map((each): Needed => needed(action, each, { 'ses:FromAddress': [from] })),
  )
}

const addressIn = (mailbox: string): string => /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox

/** The address and its domain: either can be the verified identity. */
const identitiesOf = (address: string): string[] =>
  [address, address.slice(address.lastIndexOf('@') + 1)].map((identity) => arn('ses', `identity/${identity}`))
