import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'

type Watched = {
  readonly httpApi: HttpApi
  readonly authorizer: IFunction
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
    authorizer,
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
  const watch = (id: string, metric: IMetric, threshold: number, alarmDescription: string): void => {
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
    undecidedRequests(authorizer),
    1,
    'The authorizer could not start, run or decide: protected APIs answered 500 to callers who may have every right',
  )
  watch(
    'AuthorizerThrottled',
    authorizer.metricThrottles({ period, statistic: 'Sum' }),
    1,
    'Lambda had no concurrency left for the authorizer: protected APIs answered 500 to callers who may have every right',
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
  const lost = countEvents(scope, 'ProviderNarrowingsLost', refreshLogs, 'provider_narrowings_lost')
  watch(
    'ProviderNarrowingLost',
    lost.metric({ period, statistic: 'Sum' }),
    1,
    "Regions or services of a cloud provider's list lost more than half: those that whitelists name keep their last good addresses for now",
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

/**
 * What Lambda counts, because a function that cannot start, runs out of memory or out of time writes no line of its own. A REST API
 * hears "401" as an error that the function throws on purpose, and that it counts itself. At the turn of a period the two counts of one
 * request can fall into different periods: that much of a flood of refusals must not look like faults.
 */
const undecidedRequests = (authorizer: IFunction): MathExpression =>
  new MathExpression({
    label: 'requests that could not be decided',
    expression:
      'IF(FILL(errors, 0) - FILL(unauthorized, 0) > FILL(unauthorized, 0) / 100, FILL(errors, 0) - FILL(unauthorized, 0), 0)',
    usingMetrics: {
      errors: authorizer.metricErrors({ period, statistic: 'Sum' }),
      unauthorized: new Metric({
        namespace: 'Postern',
        metricName: 'Unauthorized',
        dimensionsMap: { FunctionName: authorizer.functionName },
        statistic: 'Sum',
        period,
      }),
    },
    period,
  })
