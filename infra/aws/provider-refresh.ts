import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds } from '../../lib/table/schema.ts'
import { callOnSchedule } from './schedule.ts'
import { feedFromStream } from './table-stream.ts'

/** AWS publishes up to three times a day; the others seldomer. */
const everyHours = 6

/** At once, too: the first deployment needs nobody to load the lists. */
export const refreshOnSchedule = (scope: Construct, refresh: IFunction, undelivered: Queue): void =>
  callOnSchedule(scope, 'ProviderSchedule', refresh, {
    starts: 'the refresh of the lists of cloud providers',
    description: "Refreshes the cloud providers' address ranges",
    everyHours,
    undelivered,
  })

/** An administrator's request is a row: a refresh may take longer than API Gateway waits for an answer. */
export const refreshOnRequest = (scope: Construct, refresh: IFunction, table: Table): void =>
  feedFromStream(scope, 'ProviderRefreshStream', refresh, table, [itemKinds.refreshRequest], {
    // The schedule comes again anyway: a request is not worth holding the stream up for.
    retryAttempts: 1,
    maxRecordAge: Duration.minutes(15),
  })
