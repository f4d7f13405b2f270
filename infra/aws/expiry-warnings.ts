import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { callOnSchedule } from './schedule.ts'

/**
 * The shortest life that is warned of is two days, and its warning comes a day before the end: an hour is exact enough, and a run that
 * finds nothing costs some sixty small reads.
 */
const everyHours = 1

export const warnOnSchedule = (scope: Construct, warnOfExpiry: IFunction, undelivered: Queue): void =>
  callOnSchedule(scope, 'ExpiryWarningSchedule', warnOfExpiry, {
    starts: 'the warnings of keys and tokens that expire',
    description: 'Warns of keys and tokens that expire soon',
    everyHours,
    undelivered,
  })
