import * as z from 'zod'
import { auditActions } from '../audit/audit-row.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'

const stored = z.unknown()

export const AuditRow = z
  .object({
    auditId: z.string(),
    at: instant,
    action: z
      .string()
      .meta({ id: 'AuditAction', enum: [...auditActions], description: 'What happened, as area.deed.' }),
    outcome: z.enum(['done', 'refused']),
    actor: z
      .object({
        kind: z.enum(['user', 'self', 'system', 'claimed', 'organization']),
        userId: field.userId.nullable(),
        organizationId: field.organizationId
          .optional()
          .meta({ description: 'Of `organization`: which other one did it.' }),
        username: z.string().optional(),
        keyId: field.keyId.nullable(),
        actingUserId: field.userId.nullable(),
        integrationVendor: z.string().nullable(),
      })
      .meta({
        description:
          'Who did it. `self`: proved by a mailed link; `system`: Postern itself; `claimed`: said to be this user and did not prove it; `organization`: somebody of another organization. `username` is the name at that time, `actingUserId` who acted as this user, `keyId` the credential.',
      }),
    address: z.string().nullable().meta({ description: 'The source address.' }),
    targetUserId: field.userId.nullable(),
    targetId: z.string().nullable().meta({ description: 'What else it was done to, such as a key.' }),
    apiId: field.apiId.optional().meta({ description: 'The protected API that it concerns.' }),
    requestId: z.string().nullable(),
    changes: z.array(z.object({ field: z.string(), before: stored, after: stored })),
    reason: z.string().optional().meta({ description: 'Why it was refused.' }),
    request: z.string().optional().meta({ description: 'Method and path of a refused request.' }),
    count: z
      .int()
      .optional()
      .meta({ description: 'Of `refusals.counted`: at least so many more were refused in this minute.' }),
  })
  .meta({ id: 'AuditRow' })
export type AuditRow = z.infer<typeof AuditRow>

const filters = {
  from: field.instant.optional().meta({ description: 'At or after this time.' }),
  to: field.instant.optional().meta({ description: 'Before this time.' }),
  actor: field.userId
    .optional()
    .meta({ description: 'A userId: what this user did, or somebody who acted as it.' }),
  target: field.id.optional().meta({ description: 'A userId or another id: what was done to it.' }),
  action: z.enum(auditActions).optional(),
  cursor: field.cursor,
}

export const AuditExportQuery = z.strictObject(filters)
export type AuditExportQuery = z.infer<typeof AuditExportQuery>

export const AuditListQuery = z.strictObject({ ...filters, limit: field.limit })
export type AuditListQuery = z.infer<typeof AuditListQuery>

const look = { section: 'postern-audit', level: 'read' } as const

const exampleRow: AuditRow = {
  auditId: '4k2m9x7q1w8e5r3t',
  at: '2026-11-21T09:00:00.000Z',
  action: 'user.changed',
  outcome: 'done',
  actor: {
    kind: 'user',
    userId: 'usr_9y8x7w6v5u4t3s2r',
    username: 'admin',
    keyId: 'key_a1b2c3d4e59y8x7w6v5u4t3s2rz9y8x7w6v5',
    actingUserId: null,
    integrationVendor: null,
  },
  address: '203.0.113.1',
  targetUserId: 'usr_4k2m9x7q1w8e5r3t',
  targetId: null,
  requestId: 'JKJaXmPLvHcESHA=',
  changes: [{ field: 'status', before: 'active', after: 'disabled' }],
}

export const auditEndpoints = [
  {
    method: 'GET',
    path: '/v1/audit',
    function: 'audit',
    operationId: 'listAudit',
    tag: 'audit',
    summary: 'What was done in the organization, and what was refused, newest first',
    description:
      'A page can be shorter than `limit`, even empty, and still have a `nextCursor`: with several filters, it ends after a thousand rows of the first of target, actor and action. A row is found by a filter about a second after it is written.',
    access: look,
    request: { query: AuditListQuery },
    response: {
      status: 200,
      description: 'One page; `nextCursor` is null on the last',
      mediaType: 'application/json',
      schema: z.object({ rows: z.array(AuditRow), nextCursor: z.string().nullable() }),
      example: { rows: [exampleRow], nextCursor: null },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/audit/export',
    function: 'audit',
    operationId: 'exportAudit',
    tag: 'audit',
    summary: 'The same as NDJSON, one row a line',
    description:
      'As many rows as an answer can hold. When there are more, the header Postern-Next-Cursor has the `cursor` of the next request; the last answer has none.',
    access: look,
    request: { query: AuditExportQuery },
    response: {
      status: 200,
      description: 'One AuditRow a line, newest first',
      mediaType: 'application/x-ndjson',
      schema: z.array(AuditRow),
      example: [exampleRow],
    },
    errors: [],
  },
] as const satisfies readonly Endpoint[]
