import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { EventSourceMappingOptions, IFunction } from 'aws-cdk-lib/aws-lambda'
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { tableSchema } from '../../lib/table/schema.ts'

const streamOf = (table: Table): string => {
  if (table.tableStreamArn === undefined) throw new Error('the table has no stream')
  return table.tableStreamArn
}

/** The permission to read the stream, beyond the function's row in functions.ts. */
export const streamPermission = (table: Table): PolicyStatement =>
  new PolicyStatement({
    actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
      (action) => `dynamodb:${action}`,
    ),
    resources: [streamOf(table)],
  })

/** Invokes a function for new rows of these kinds and for no other write. */
export const feedFromStream = (
  scope: Construct,
  id: string,
  target: IFunction,
  table: Table,
  kinds: readonly string[],
  handling: Pick<
    EventSourceMappingOptions,
    'bisectBatchOnError' | 'reportBatchItemFailures' | 'retryAttempts' | 'maxRecordAge' | 'onFailure'
  >,
): void => {
  new EventSourceMapping(scope, id, {
    ...handling,
    target,
    eventSourceArn: streamOf(table),
    // LATEST could miss a row that is written while the mapping is created.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual('INSERT'),
        dynamodb: { NewImage: { [tableSchema.kind]: { S: kinds } } },
      }),
    ],
    // Each row takes one SES call or one shared refresh: ten stay far below a function's timeout.
    batchSize: 10,
  })
}
