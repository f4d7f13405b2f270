import { beforeEach, describe, expect, it } from 'vitest'
import type { ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { providerRefreshes } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { requestRefresh } from '../../lib/providers/request-refresh.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { providers } from '../../lib/whitelist/provider.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'
import { otherOrganization } from '../refusals/refusal-notes.ts'

const at = 1_795_251_600_000
const notWritten = { committed: false, failed: 'audit', found: undefined } as const
let table: Table
beforeEach(async () => {
  table = await freshTable()
})

describe('asking for a refresh of the lists', () => {
  it('is bounded for each organization, and none uses up what another has', async () => {
    const [one, other] = [await makeOrganization(table), await otherOrganization(table)]
    const dependencies = {
      ...dependenciesOf(table),
      now: () => at,
      countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, at),
    }
    const refused = { code: 'too_many_requests', retryAfterSeconds: 3600 - ((at / 1000) % 3600) }
    const ask = ({ admin }: Pick<typeof one, 'admin'>) =>
      refusalCode(requestRefresh(dependencies, admin, ['AWS'], origin))
    for (let index = 0; index < providerRefreshes.attempts; index += 1) expect(await ask(one)).toBe('ok')
    await expect(requestRefresh(dependencies, one.admin, ['AWS'], origin)).rejects.toMatchObject(refused)
    expect(await ask(other)).toBe('ok')
  })

  it('is for the lists that are named, or all, and in the audit', async () => {
    const { admin } = await makeOrganization(table)
    const dependencies = { ...dependenciesOf(table), countAttempt: async () => 1 }
    expect(await requestRefresh(dependencies, admin, ['GOOGLE'], origin)).toEqual(['GOOGLE'])
    expect(await requestRefresh(dependencies, admin, undefined, origin)).toEqual(providers)
    const items = await allItems(table)
    const rows = items.filter(({ action }) => action === 'providers.refresh-requested')
    expect(rows.map(({ changes }) => changes)).toEqual(
      expect.arrayContaining([
        [{ field: 'providers', before: null, after: ['GOOGLE'] }],
        [{ field: 'providers', before: null, after: [...providers] }],
      ]),
    )
    const failing = { ...dependencies, write: async () => notWritten }
    const asked = requestRefresh(failing, admin, ['AWS'], origin)
    expect(await refusalCode(asked)).toBe('temporarily_unavailable')
  })
})
