import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { CountUsage } from '../../lib/access/usage.ts'
import { log } from './log.ts'

const metrics = new Metrics({ namespace: 'Postern' })
// Powertools adds the name of the function: each set of dimensions is billed, and usage is that of the whole installation.
metrics.clearDefaultDimensions()

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
      error: fault instanceof Error ? `${fault.name}: ${fault.message}` : 'unknown',
    })
  }
}
