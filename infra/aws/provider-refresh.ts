import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import { Duration, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { itemKinds } from '../../lib/table/schema.ts'
import { feedFromStream } from './table-stream.ts'

/** AWS publishes up to three times a day; the others seldomer. */
const everyHours = 6

/**
 * Without a start date a rate schedule invokes its target at once (EventBridge Scheduler user guide, "Rate-based schedules"):
 * the first deployment needs nobody to load the lists.
 */
export const refreshOnSchedule = (scope: Construct, refresh: IFunction): void => {
  const invoke = new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [refresh.functionArn] })
  const { account } = Stack.of(scope)
  const role = new Role(scope, 'ProviderScheduleRole', {
    // Only for schedules of this account (confused deputy).
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    description: 'Starts the refresh of the lists of cloud providers',
    inlinePolicies: { access: new PolicyDocument({ statements: [invoke] }) },
  })
  new CfnSchedule(scope, 'ProviderSchedule', {
    description: "Refreshes the cloud providers' address ranges",
    scheduleExpression: `rate(${everyHours} hours)`,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: refresh.functionArn,
      roleArn: role.roleArn,
      input: '{}',
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 },
    },
  })
}

/** An administrator's request is a row: a refresh may take longer than API Gateway waits for an answer. */
export const refreshOnRequest = (scope: Construct, refresh: IFunction, table: Table): void =>
  feedFromStream(scope, 'ProviderRefreshStream', refresh, table, [itemKinds.refreshRequest], {
    // The schedule comes again anyway: a request is not worth holding the stream up for.
    retryAttempts: 1,
    maxRecordAge: Duration.minutes(15),
  })
