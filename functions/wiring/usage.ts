import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { CountUsage } from '../../lib/admission/usage.ts'
import { faultText } from '../../lib/effects/fault-text.ts'
import { optional } from './environment.ts'
import { log } from './log.ts'

const metrics = new Metrics({ namespace: 'Postern' })
// Without the function name that Powertools adds: each set of dimensions is billed, and usage counts for the whole installation.
metrics.clearDefaultDimensions()

/**
 * Counts an answer that a REST API hears as an error: the alarm takes these away from Lambda's count of errors. For each function, so
 * that two deployments in one account do not count for each other.
 */
export const countUnauthorized = (): void => {
  metrics
    .addDimension('FunctionName', optional('AWS_LAMBDA_FUNCTION_NAME') || 'unknown')
    .addMetric('Unauthorized', MetricUnit.Count, 1)
    .publishStoredMetrics()
}

/** One line in CloudWatch's embedded metric format, which makes a metric of it without a call. Whatever fails here decides nothing. */
export const countUsage: CountUsage = ({ organizationId, integrationVendor, allowed }) => {
  try {
    metrics
      .addDimensions({ organization: organizationId, integrationVendor })
      .addMetric(allowed ? 'AllowedRequests' : 'DeniedRequests', MetricUnit.Count, 1)
      .publishStoredMetrics()
  } catch (fault) {
    metrics.clearMetrics()
    metrics.clearDimensions()
    log({
      event: 'usage_not_counted',
      error: faultText(fault),
    })
  }
}
