import { auditEndpoints } from '../lib/audit/audit-endpoints.ts'
import { readAuditMonth, readAuditRows } from '../lib/audit/audit-store.ts'
import type { ListAuditDependencies } from '../lib/audit/list-audit.ts'
import { exportAudit, listAudit } from '../lib/audit/list-audit.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { readTimeline } from '../lib/table/read-timeline.ts'
import { readUsage } from '../lib/usage/read-usage.ts'
import { usageEndpoints } from '../lib/usage/usage-endpoints.ts'
import { readUsageDay } from '../lib/usage/usage-store.ts'
import { openApi } from './wiring/api.ts'
import { openSeal } from './wiring/seal.ts'

const api = openApi()
const dependencies: ListAuditDependencies = {
  now: api.now,
  readAuditMonth: (...part) => readAuditMonth(api.table, ...part),
  readTimeline: (...part) => readTimeline(api.table, ...part),
  readAuditRows: (keys) => readAuditRows(api.table, keys),
}

export const handler = httpFunction(
  'audit',
  [...auditEndpoints, ...usageEndpoints],
  {
    listAudit: async ({ caller, query }) => ({ body: await listAudit(dependencies, caller, query) }),
    exportAudit: async ({ caller, query }) => {
      const { rows, nextCursor } = await exportAudit(dependencies, caller, query)
      return { body: rows, headers: nextCursor === null ? {} : { 'postern-next-cursor': nextCursor } }
    },
    listUsage: async ({ caller, query }) => ({
      body: await readUsage(
        { now: api.now, readUsageDay: (...of) => readUsageDay(api.table, ...of) },
        caller,
        query,
      ),
    }),
  },
  { ...api.http, seal: openSeal() },
)
