import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'

type Watched = {
  readonly httpApi: HttpApi
  readonly authorizerLogs: ILogGroup
  /** Of all functions that decide about callers. */
  readonly decidingLogs: Readonly<Record<string, ILogGroup>>
  readonly mailer: IFunction
  readonly undeliveredMail: Queue
  readonly refreshProviders: IFunction
  readonly refreshLogs: ILogGroup
  readonly warnOfExpiry: IFunction
}

const period = Duration.minutes(5)

/** Few alarms, each of which wants somebody to act; docs/operations.md says how. */
export const createAlarms = (
  scope: Construct,
  {
    httpApi,
    authorizerLogs,
    decidingLogs,
    mailer,
    undeliveredMail,
    refreshProviders,
    refreshLogs,
    warnOfExpiry,
  }: Watched,
  topicArn: string | undefined,
): void => {
  const action =
    topicArn === undefined ? undefined : new SnsAction(Topic.fromTopicArn(scope, 'AlarmTopic', topicArn))
  const watch = (id: string, metric: Metric, threshold: number, alarmDescription: string): void => {
    const alarm = new Alarm(scope, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    if (action !== undefined) alarm.addAlarmAction(action)
  }

  watch(
    'AuthorizerFails',
    countAuthorizerFaults(scope, authorizerLogs).metric({ period, statistic: 'Sum' }),
    1,
    'The authorizer failed or timed out: protected APIs turned callers away who may have had every right',
  )
  const uncounted = Object.entries(decidingLogs).map(([id, logGroup]) =>
    countEvents(
      scope,
      `RateLimitNotCounted${id}`,
      logGroup,
      'rate_limit_not_counted',
      'RateLimitsNotCounted',
    ),
  )
  const [anyUncounted] = uncounted
  if (anyUncounted !== undefined) {
    watch(
      'RateLimitNotCounted',
      anyUncounted.metric({ period, statistic: 'Sum' }),
      3,
      'Counters of rate limits cannot be reached: each container counts for itself, and more passes than the limit',
    )
  }
  watch(
    'MailerFails',
    mailer.metricErrors({ period, statistic: 'Sum' }),
    3,
    'The mailer fails and is being repeated: reset links arrive late',
  )
  watch(
    'MailUndelivered',
    undeliveredMail.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
    1,
    'The mailer gave up on a mail: somebody waits for a reset link or missed a notice',
  )
  watch(
    'ApiFails',
    httpApi.metricServerError({ period, statistic: 'Sum' }),
    5,
    "Postern's own API answered 5xx at least five times in five minutes",
  )
  watch(
    'ProviderRefreshFails',
    refreshProviders.metricErrors({ period, statistic: 'Sum' }),
    1,
    "The refresh of the cloud providers' lists crashed or ran out of time: the last good lists stay",
  )
  watch(
    'ExpiryWarningFails',
    warnOfExpiry.metricErrors({ period, statistic: 'Sum' }),
    1,
    'Some of those whose keys and tokens expire soon could not be warned; the next hour tries again',
  )
  const refused = countEvents(scope, 'ProviderListsRefused', refreshLogs, 'provider_list_refused')
  watch(
    'ProviderListRefused',
    refused.metric({ period, statistic: 'Sum' }),
    1,
    "A cloud provider's list could not be had or could not be trusted: its last good version stays",
  )
  const tooOld = countEvents(scope, 'ProviderListsOld', refreshLogs, 'provider_list_too_old')
  watch(
    'ProviderListOld',
    tooOld.metric({ period, statistic: 'Sum' }),
    1,
    "A cloud provider's list has not been confirmed for half of its time: when that is over, it lets nobody in",
  )
}

/** Lines of the log that name one event. */
const countEvents = (
  scope: Construct,
  id: string,
  logGroup: ILogGroup,
  event: string,
  metricName = id,
): MetricFilter =>
  new MetricFilter(scope, id, {
    logGroup,
    filterPattern: FilterPattern.stringValue('$.event', '=', event),
    metricNamespace: Stack.of(scope).stackName,
    metricName,
  })

/** Not Lambda's own count of errors: a REST API hears "401" as an error that the function throws on purpose. */
const countAuthorizerFaults = (scope: Construct, logGroup: ILogGroup): MetricFilter =>
  new MetricFilter(scope, 'AuthorizerFaults', {
    logGroup,
    filterPattern: FilterPattern.any(
      FilterPattern.stringValue('$.event', '=', 'authorizer_fault'),
      FilterPattern.stringValue('$.record.status', '=', 'timeout'),
    ),
    metricNamespace: Stack.of(scope).stackName,
    metricName: 'AuthorizerFaults',
  })
