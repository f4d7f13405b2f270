import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Duration, Validations } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds } from '../../lib/table/schema.ts'
import { feedFromStream, streamPermission } from './table-stream.ts'

/** The rows that ask for a mail. */
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
export const mailStreamPermissions = (table: Table, undelivered: Queue): PolicyStatement[] => [
  streamPermission(table),
  new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }),
]

export const feedMailer = (scope: Construct, mailer: IFunction, table: Table, undelivered: Queue): void =>
  feedFromStream(scope, 'MailStream', mailer, table, mailKinds, {
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: 5,
    maxRecordAge: Duration.seconds(longestDelaySeconds),
    // Not the CDK's SqsDlq, which would grant more than sending; mailStreamPermissions grants that.
    onFailure: { bind: () => ({ destination: undelivered.queueArn }) },
  })
