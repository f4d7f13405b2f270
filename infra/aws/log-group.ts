import { LogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs'
import type { RemovalPolicy } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import type { Settings } from './settings.ts'

export type LogSettings = Pick<Settings, 'logRetentionDays' | 'lambdaLogLevel' | 'logClass'> & {
  readonly removalPolicy: RemovalPolicy
}

/**
 * A log group whose class comes from the settings. CloudWatch cannot change the class of a group, so each class has a construct id of
 * its own: a deployment with the other class makes a new group, and the old one goes by the removal policy.
 */
export const createLogGroup = (scope: Construct, id: string, settings: LogSettings): LogGroup => {
  const { logRetentionDays, logClass, removalPolicy } = settings
  return new LogGroup(scope, logClass === 'STANDARD' ? id : `${id}Infrequent`, {
    retention: logRetentionDays,
    logGroupClass: LogGroupClass[logClass],
    removalPolicy,
  })
}
