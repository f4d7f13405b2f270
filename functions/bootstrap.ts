import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { readInstallation } from '../lib/identity/installation-store.ts'
import { readMember } from '../lib/identity/user-store.ts'
import { createFirstOrganization } from '../lib/organizations/first-organization.ts'
import { argon2Hasher } from '../lib/secrets/argon2.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { writeTransaction } from '../lib/table/transaction.ts'
import { required } from './wiring/environment.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
const hasher = argon2Hasher()

/** Exported for the comparison of schemas in the tests. */
export const Event = z.object({
  organization: z.string().min(1).max(200),
  username: z.string().regex(/^[A-Za-z0-9.@_+-]{1,128}$/),
  email: z.email().nullable(),
  credentials: z.enum(['shown', 'mailed']),
  rateLimitPerMinute: z.int().min(1).optional(),
  protectedApiRateLimitPerMinute: z.int().min(1).optional(),
  api: z
    .object({
      name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
      audience: z.url().optional(),
      gateways: z
        .array(z.object({ gatewayId: z.string(), stage: z.string(), basePath: z.string() }))
        .default([]),
      sections: z
        .array(z.object({ name: z.string(), title: z.string(), endpoints: z.array(z.string()) }))
        .default([]),
    })
    .default({ name: 'default', gateways: [], sections: [] }),
})

/** Invoked by an operator, never through the API. */
export const handler = (event: unknown) =>
  createFirstOrganization(
    {
      hasher,
      now: Date.now,
      randomBytes: (size) => randomBytes(size),
      write: (writes) => writeTransaction(table, writes),
      readFirstOrganization: () => readInstallation(table),
      readMember: (userId, organizationId) => readMember(table, userId, organizationId),
    },
    Event.parse(event),
  )
