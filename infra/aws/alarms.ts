import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'

type Watched = {
  readonly httpApi: HttpApi
  readonly authorizer: NodejsFunction
  /** The log groups of all functions that decide about callers. */
  readonly decidingLogs: Readonly<Record<string, ILogGroup>>
  readonly mailer: NodejsFunction
  readonly undeliveredMail: Queue
  readonly refreshProviders: NodejsFunction
  readonly warnOfExpiry: NodejsFunction
  readonly undeliveredSchedules: Queue
}

const period = Duration.minutes(5)
const summed = { period, statistic: 'Sum' } as const

/** Each alarm requires action; docs/operations.md describes it. A test triggers each of their cases. */
export const createAlarms = (scope: Construct, watched: Watched, topicArn: string | undefined): void => {
  const { httpApi, authorizer, decidingLogs, mailer, refreshProviders, warnOfExpiry } = watched
  const action =
    topicArn === undefined ? undefined : new SnsAction(Topic.fromTopicArn(scope, 'AlarmTopic', topicArn))
  const raise = (
    id: string,
    alarmDescription: string,
    properties: Omit<AlarmProps, 'alarmDescription'>,
  ): void => {
    const alarm = new Alarm(scope, id, { alarmDescription, ...properties })
    if (action !== undefined) alarm.addAlarmAction(action)
  }
  const watch = (
    id: string,
    metric: IMetric,
    threshold: number,
    description: string,
    evaluationPeriods = 1,
  ): void =>
    raise(id, description, {
      metric,
      threshold,
      evaluationPeriods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
  /** A schedule that stopped produces no data, so missing data is the alarm. */
  const miss = (id: string, lambda: IFunction, everyHours: number, description: string): void =>
    raise(id, description, {
      metric: lambda.metricInvocations({ period: Duration.hours(everyHours), statistic: 'Sum' }),
      threshold: 1,
      evaluationPeriods: 4,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    })

  watch(
    'AuthorizerFails',
    undecidedRequests(authorizer),
    1,
    'The authorizer could not start, run or decide: protected APIs answered 500 to callers who may have every right',
  )
  watch(
    'AuthorizerThrottled',
    authorizer.metricThrottles(summed),
    1,
    'Lambda had no concurrency left for the authorizer: protected APIs answered 500 to callers who may have every right',
  )
  const [anyUncounted] = Object.entries(decidingLogs).map(([id, logGroup]) =>
    countEvents(
      scope,
      `RateLimitNotCounted${id}`,
      logGroup,
      'rate_limit_not_counted',
      'RateLimitsNotCounted',
    ),
  )
  if (anyUncounted !== undefined) {
    watch(
      'RateLimitNotCounted',
      anyUncounted,
      3,
      'Counters of rate limits cannot be reached: each container counts for itself, and more passes than the limit',
    )
  }
  watch(
    'MailerFails',
    countEvents(scope, 'MailsFailed', mailer.logGroup, 'mail_failed'),
    3,
    'Mails cannot be sent and are being repeated: reset links arrive late',
  )
  watch(
    'MailerBreaks',
    mailer.metricErrors(summed),
    1,
    'The mailer crashed, could not start, or ran out of time or memory: no mail leaves until it runs',
  )
  watch(
    'MailUndelivered',
    watched.undeliveredMail.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
    1,
    'The mailer gave up on a mail: somebody waits for a reset link or missed a notice',
  )
  watch(
    'ApiFails',
    httpApi.metricServerError(summed),
    5,
    "Postern's own API answered 5xx at least five times in five minutes",
  )
  watch(
    'ScheduleUndelivered',
    watched.undeliveredSchedules.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
    1,
    'EventBridge Scheduler could not call the refresh of the lists or the warnings of expiries',
  )
  watch(
    'ProviderRefreshFails',
    refreshProviders.metricErrors(summed),
    1,
    "The refresh of the cloud providers' lists crashed or ran out of time: the last good lists stay",
  )
  miss(
    'ProviderRefreshMissing',
    refreshProviders,
    6,
    "The cloud providers' lists were not refreshed for a day: when their time is over, they let nobody in",
  )
  watch(
    'ProviderListRefused',
    countEvents(scope, 'ProviderListsRefused', refreshProviders.logGroup, 'provider_list_refused'),
    1,
    "A cloud provider's list could not be had or could not be trusted: its last good version stays",
  )
  watch(
    'ProviderNarrowingLost',
    countEvents(scope, 'ProviderNarrowingsLost', refreshProviders.logGroup, 'provider_narrowings_lost'),
    1,
    "Regions or services of a cloud provider's list lost more than half: those that whitelists name keep their last good addresses for now",
  )
  watch(
    'ProviderListOld',
    countEvents(scope, 'ProviderListsOld', refreshProviders.logGroup, 'provider_list_too_old'),
    1,
    "Refreshes have not confirmed a cloud provider's list for half of its time: when that is over, it lets nobody in",
  )
  watch(
    'ExpiryWarningFails',
    warnOfExpiry.metricErrors(summed),
    1,
    'Some of those whose keys and tokens expire soon could not be warned; the next hour tries again',
  )
  miss(
    'ExpiryWarningMissing',
    warnOfExpiry,
    1,
    'Nobody was warned of keys and tokens that expire soon for four hours: the schedule does not run',
  )
  watch(
    'ExpiryWarningsLeft',
    countEvents(
      scope,
      'ExpiryWarningsLeftOver',
      warnOfExpiry.logGroup,
      'expiry_warnings_left',
      undefined,
      Duration.hours(1),
    ),
    1,
    'For three hours there have been more keys and tokens to warn of than an hour can serve: some warnings come late',
    3,
  )
}

/** Counts the log lines of one event. */
const countEvents = (
  scope: Construct,
  id: string,
  logGroup: ILogGroup,
  event: string,
  metricName = id,
  over = period,
): Metric =>
  new MetricFilter(scope, id, {
    logGroup,
    filterPattern: FilterPattern.stringValue('$.event', '=', event),
    metricNamespace: Stack.of(scope).stackName,
    metricName,
  }).metric({ period: over, statistic: 'Sum' })

/**
 * Uses Lambda's error count, because a function that fails to start, runs out of memory or times out logs nothing. For a REST API
 * the function answers 401 by throwing an error, which it also counts as Unauthorized. The two counts of one request can fall into
 * adjacent periods, so a difference of up to 1 % of the refusals is ignored.
 */
const undecidedRequests = (authorizer: IFunction): MathExpression =>
  new MathExpression({
    label: 'requests that could not be decided',
    expression:
      'IF(FILL(errors, 0) - FILL(unauthorized, 0) > FILL(unauthorized, 0) / 100, FILL(errors, 0) - FILL(unauthorized, 0), 0)',
    usingMetrics: {
      errors: authorizer.metricErrors(summed),
      unauthorized: new Metric({
        namespace: 'Postern',
        metricName: 'Unauthorized',
        dimensionsMap: { FunctionName: authorizer.functionName },
        ...summed,
      }),
    },
    period,
  })
