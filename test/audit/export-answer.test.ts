import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { expect, it } from 'vitest'
import type { AuditRow } from '../../lib/audit/audit-endpoints.ts'
import { auditEndpoints } from '../../lib/audit/audit-endpoints.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { timelineNames } from '../../lib/table/schema.ts'
import { freshTable } from '../fresh-table.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'
import { letIn } from '../http/sample-admission.ts'
import { makeOrganization } from '../organizations/organization.ts'

const [row] = auditEndpoints[1].response.example

const exported = async (rows: AuditRow[]): Promise<APIGatewayProxyStructuredResultV2> => {
  const { admin } = await makeOrganization(await freshTable(timelineNames))
  const handler = httpFunction(
    'audit',
    auditEndpoints,
    {
      listAudit: () => ({ body: { rows: [], nextCursor: null } }),
      exportAudit: () => ({ body: rows, headers: { 'postern-next-cursor': 'abc' } }),
    },
    {
      admit: () => Promise.resolve(letIn(admin.subject)),
      log: () => undefined,
      now: Date.now,
      seal: { seal: async (text) => Buffer.from(`sealed ${text}`), open: async () => null },
    },
  )
  return handler(httpEvent('GET', '/v1/audit/export', {}), lambdaContext)
}

it('exports one JSON text a line, with nothing that the contract does not name', async () => {
  const withMore = [
    { ...row, changes: [{ field: 'name', before: 'a\nb', after: null }], secretHash: 'x' },
    row,
  ]
  const { headers, body = '' } = await exported(withMore)
  expect(headers).toMatchObject({
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'postern-next-cursor': expect.any(String),
  })
  const cursor = Buffer.from(String(headers?.['postern-next-cursor']), 'base64url').toString()
  expect(cursor.replace(/\0+$/, '')).toBe('sealed abc')
  const lines = body.split('\n')
  expect(lines).toHaveLength(3)
  expect(lines.at(-1)).toBe('')
  expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
    { ...row, changes: [{ field: 'name', before: 'a\nb', after: null }] },
    row,
  ])
})

it('exports nothing as an empty body', async () => {
  expect((await exported([])).body).toBe('')
})
