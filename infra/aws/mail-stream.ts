import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds } from '../../lib/table/schema.ts'
import { feedFromStream, streamPermission } from './table-stream.ts'

/** The rows that ask for a mail. */
const mailKinds = [itemKinds.resetRequest, itemKinds.notice]

/** A little less than a reset link lives: a mail later than that would only bring a dead link. */
const longestDelaySeconds = 900

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
