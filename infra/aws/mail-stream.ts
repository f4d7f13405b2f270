import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds } from '../../lib/table/schema.ts'
import { feedFromStream, streamPermission } from './table-stream.ts'

/** The kinds of rows that trigger a mail. */
const mailKinds = [itemKinds.resetRequest, itemKinds.notice]

/** Slightly less than the lifetime of a reset link: a later mail would contain an expired link. */
const longestDelaySeconds = 900

/** The permissions to read the stream and to send failed records to the queue, beyond the mailer's row in functions.ts. */
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
    // The CDK's SqsDlq would grant more than sending; mailStreamPermissions grants only that.
    onFailure: { bind: () => ({ destination: undelivered.queueArn }) },
  })
