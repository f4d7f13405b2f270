import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** Reads of the table itself that may be eventually consistent, with the reason. Every other one must see what was written last. */
const eventual: readonly { readonly pk: RegExp; readonly prefix: string; readonly because: string }[] = [
  { pk: /^PROVIDER#/, prefix: 'CHANGE#', because: 'the last changes of a list, to be shown' },
]

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields => Object(value)

/** What is wrong with the consistency of a read; null when nothing is. */
const faultOf = (input: Fields): string | null => {
  const isConsistent = input['ConsistentRead'] === true
  // DynamoDB refuses a consistent read of a global index. Those of Postern are for lists, and docs/storage.md says so of each.
  if (input['IndexName'] !== undefined) return null
  const { ':pk': pk, ':prefix': prefix } = fieldsOf(input['ExpressionAttributeValues'])
  const isListed = eventual.some((one) => one.pk.test(String(pk)) && one.prefix === prefix)
  return isConsistent || isListed ? null : 'is not strongly consistent'
}

/** Where there is no limit of its own, a page has two items. */
const pageSize = 2
/** Of a batch of more keys than these the last ones are left unprocessed at first; DynamoDB refuses more than `mostKeys`. */
const [wholeBatch, leftOut, mostKeys] = [8, 3, 100]

const isRead = (command: string): boolean =>
  ['GetItemCommand', 'GetCommand', 'QueryCommand', 'BatchGetItemCommand', 'BatchGetCommand'].includes(command)

/** DynamoDB Local is always consistent. So in tests each table refuses reads that need not be. */
export const readStrictly = (client: DynamoDBDocumentClient): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input: Fields = { ...args.input }
      if (!isRead(context.commandName ?? '')) return next(args)
      const reads = 'RequestItems' in input ? Object.values(fieldsOf(input['RequestItems'])) : [input]
      for (const read of reads) {
        const fault = faultOf(fieldsOf(read))
        if (fault !== null) throw new Error(`The read ${fault}: ${JSON.stringify(read)}`)
      }
      return next(args)
    },
    { step: 'initialize', name: 'strictReads' },
  )
}

/**
 * DynamoDB may answer any query with a part of its items and any batch with a part of its keys, and does so under load or with large
 * items. DynamoDB Local never does, unless this makes it.
 */
export const answerInParts = (client: DynamoDBDocumentClient): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!isRead(context.commandName ?? '')) return next(args)
      const input: Fields = { ...args.input }
      if ('KeyConditionExpression' in input) {
        const isLimited = input['Limit'] !== undefined
        return next(isLimited ? args : { ...args, input: { ...args.input, Limit: pageSize } })
      }
      const [[name, asked] = ['', {}]] = Object.entries(fieldsOf(input['RequestItems']))
      const { Keys } = fieldsOf(asked)
      if (!Array.isArray(Keys)) return next(args)
      const isWhole = Keys.length <= wholeBatch || Keys.length > mostKeys
      if (isWhole) return next(args)
      const part = (keys: readonly unknown[]) => ({ [name]: { ...fieldsOf(asked), Keys: keys } })
      const RequestItems = part(Keys.slice(0, -leftOut))
      const answer = await next({ ...args, input: { ...args.input, RequestItems } })
      return { ...answer, output: { ...answer.output, UnprocessedKeys: part(Keys.slice(-leftOut)) } }
    },
    { step: 'initialize', name: 'shortAnswers' },
  )
}
