import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { callOnSchedule } from './schedule.ts'

/**
 * The shortest lifetime with a warning is two days, and that warning is sent a day before expiry, so hourly runs are precise enough.
 * A run that finds nothing costs about sixty small reads.
 */
const everyHours = 1

export const warnOnSchedule = (scope: Construct, warnOfExpiry: IFunction, undelivered: Queue): void =>
  callOnSchedule(scope, 'ExpiryWarningSchedule', warnOfExpiry, {
    starts: 'the warnings of keys and tokens that expire',
    description: 'Warns of keys and tokens that expire soon',
    everyHours,
    undelivered,
  })
