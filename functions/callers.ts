import type { Admission } from '../lib/access/admit.ts'
import { admit } from '../lib/access/admit.ts'
import type { DecisionRequest } from '../lib/access/decide.ts'
import type { SessionVerdict } from '../lib/access/identify.ts'
import { readCallerSnapshot } from '../lib/access/snapshot-store.ts'
import { managementSections } from '../lib/contract/management-sections.ts'
import { noteUse } from '../lib/credentials/credential-store.ts'
import type { Table } from '../lib/table/document-client.ts'
import { noProviderRanges } from '../lib/whitelist/match.ts'
import { log } from './log.ts'

/** The decision for Postern's own endpoints. */
export const admitCallers = (table: Table, verifySession: (text: string) => Promise<SessionVerdict>) => {
  const dependencies = {
    readSnapshot: (wanted: Parameters<typeof readCallerSnapshot>[1]) => readCallerSnapshot(table, wanted),
    verifySession,
    managementSections,
    ranges: noProviderRanges,
    withinRateLimit: () => true,
    now: Date.now,
    noteUse: async (...use: Parameters<typeof noteUse> extends [Table, ...infer Rest] ? Rest : never) => {
      try {
        await noteUse(table, ...use)
      } catch {
        log({ event: 'last_use_not_noted', keyId: use[0].keyId })
      }
    },
  }
  return (authorization: string | undefined, request: DecisionRequest): Promise<Admission> =>
    admit(dependencies, authorization, request)
}
