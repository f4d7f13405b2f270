import type { CountUsage } from '../../lib/admission/usage.ts'
import { optional } from './environment.ts'
import { logFault, writeLine } from './log.ts'

/**
 * Counts one in CloudWatch by a line in its embedded metric format, without a call. Each set of dimensions is billed.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const countOne = (name: string, dimensions: Readonly<Record<string, string>>): void => {
  const metric = {
    Namespace: 'Postern',
    Dimensions: [Object.keys(dimensions)],
    Metrics: [{ Name: name, Unit: 'Count' }],
  }
  writeLine({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metric] }, ...dimensions, [name]: 1 })
}

/**
 * Counts an answer that a REST API hears as an error: the alarm takes these away from Lambda's count of errors. For each function, so
 * that two deployments in one account do not count for each other.
 */
export const countUnauthorized = (): void =>
  countOne('Unauthorized', { FunctionName: optional('AWS_LAMBDA_FUNCTION_NAME') || 'unknown' })

/** For the whole installation. Whatever fails here decides nothing. */
export const countUsage: CountUsage = ({ organizationId, integrationVendor, allowed }) => {
  try {
    countOne(allowed ? 'AllowedRequests' : 'DeniedRequests', {
      organization: organizationId,
      integrationVendor,
    })
  } catch (fault) {
    logFault('usage_not_counted')(fault)
  }
}
