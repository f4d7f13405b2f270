import { beforeEach, describe, expect, it } from 'vitest'
import type { ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { providerRefreshes } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { requestRefresh } from '../../lib/providers/request-refresh.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'
import { otherOrganization } from '../refusals/refusal-notes.ts'

const at = 1_795_251_600_000
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
    const ask = ({ admin }: Pick<typeof one, 'admin'>) =>
      refusalCode(requestRefresh(dependencies, admin, ['AWS'], origin))
    for (let index = 0; index < providerRefreshes.attempts; index += 1) expect(await ask(one)).toBe('ok')
    expect(await ask(one)).toBe('too_many_requests')
    expect(await ask(other)).toBe('ok')
  })
})
