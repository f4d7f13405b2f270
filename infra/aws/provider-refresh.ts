import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds } from '../../lib/table/schema.ts'
import { callOnSchedule } from './schedule.ts'
import { feedFromStream } from './table-stream.ts'

/** AWS publishes up to three times a day; the others less often. */
const everyHours = 6

/** Also runs at once, so that the first deployment loads the lists by itself. */
export const refreshOnSchedule = (scope: Construct, refresh: IFunction, undelivered: Queue): void =>
  callOnSchedule(scope, 'ProviderSchedule', refresh, {
    starts: 'the refresh of the lists of cloud providers',
    description: "Refreshes the cloud providers' address ranges",
    everyHours,
    undelivered,
  })

/** An administrator requests a refresh with a row, because a refresh can exceed API Gateway's timeout. */
export const refreshOnRequest = (scope: Construct, refresh: IFunction, table: Table): void =>
  feedFromStream(scope, 'ProviderRefreshStream', refresh, table, [itemKinds.refreshRequest], {
    // More retries would block the stream; the schedule runs again anyway.
    retryAttempts: 1,
    maxRecordAge: Duration.minutes(15),
  })
