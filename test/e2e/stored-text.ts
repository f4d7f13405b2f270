import type { ScanCommandOutput } from '@aws-sdk/lib-dynamodb'
import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { Inside } from './inside.ts'

/** Everything that is in the table, as one text; binary values as Latin-1, so that a secret kept in one would show. */
export const storedText = async ({ table }: Inside): Promise<string> => {
  const texts: string[] = []
  let start: ScanCommandOutput['LastEvaluatedKey']
  do {
    const page: ScanCommandOutput = await table.client.send(
      new ScanCommand({
        TableName: table.tableName,
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    )
    texts.push(JSON.stringify(page.Items, (_, value: unknown) => readable(value)))
    start = page.LastEvaluatedKey
  } while (start !== undefined)
  return texts.join('\n')
}

const readable = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
