import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'

type Timetable = {
  /** What it starts, as in "Starts the refresh of the lists". */
  readonly starts: string
  readonly description: string
  readonly everyHours: number
  /** Receives the calls that the scheduler could not make. */
  readonly undelivered: Queue
}

/**
 * Calls a function periodically, starting at deployment: without a start date a rate schedule invokes its target at once
 * (EventBridge Scheduler user guide, "Rate-based schedules").
 */
export const callOnSchedule = (
  scope: Construct,
  id: string,
  lambda: IFunction,
  { starts, description, everyHours, undelivered }: Timetable,
): void => {
  const invoke = new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] })
  const giveUp = new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] })
  const { account } = Stack.of(scope)
  const role = new Role(scope, `${id}Role`, {
    // Prevents the confused deputy problem: only schedules of this account may assume the role.
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    description: `Starts ${starts}`,
    inlinePolicies: { access: new PolicyDocument({ statements: [invoke, giveUp] }) },
  })
  new CfnSchedule(scope, id, {
    description,
    scheduleExpression: everyHours === 1 ? 'rate(1 hour)' : `rate(${everyHours} hours)`,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: lambda.functionArn,
      roleArn: role.roleArn,
      input: '{}',
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: undelivered.queueArn },
    },
  })
}
