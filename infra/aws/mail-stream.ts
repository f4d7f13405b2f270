import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IFunction,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Duration, Validations } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds, tableSchema } from '../../lib/table/schema.ts'

/** The rows that ask for a mail. Everything else that is written never wakes the mailer. */
const mailKinds = [itemKinds.resetRequest, itemKinds.notice]

/** A little less than a reset link lives: a mail later than that would only bring a dead link. */
const longestDelaySeconds = 900

/** Keeps what the mailer gave up on, as places in the stream, never as content. */
export const createUndeliveredQueue = (scope: Construct): Queue => {
  const queue = new Queue(scope, 'UndeliveredMail', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  })
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'This queue is itself the dead-letter queue: of the stream, which the rule does not look at.',
  })
  return queue
}

/** What reading the stream and giving up on a record takes, beyond the mailer's own row in functions.ts. */
export const streamPermissions = (table: Table, undelivered: Queue): PolicyStatement[] => {
  if (table.tableStreamArn === undefined) throw new Error('the table has no stream')
  return [
    new PolicyStatement({
      actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
        (action) => `dynamodb:${action}`,
      ),
      resources: [table.tableStreamArn],
    }),
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }),
  ]
}

export const feedMailer = (scope: Construct, mailer: IFunction, table: Table, undelivered: Queue): void => {
  if (table.tableStreamArn === undefined) throw new Error('the table has no stream')
  new EventSourceMapping(scope, 'MailStream', {
    target: mailer,
    eventSourceArn: table.tableStreamArn,
    // LATEST could miss a row that is written while the mapping is being made.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual('INSERT'),
        dynamodb: { NewImage: { [tableSchema.kind]: { S: mailKinds } } },
      }),
    ],
    // One SES call for each row: ten of them stay far below the function's time.
    batchSize: 10,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: 5,
    maxRecordAge: Duration.seconds(longestDelaySeconds),
    // Not the CDK's SqsDlq, which would grant more than sending; streamPermissions grants that.
    onFailure: { bind: () => ({ destination: undelivered.queueArn }) },
  })
}
