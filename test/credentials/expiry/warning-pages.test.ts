import { describe, expect, it } from 'vitest'
import type { StoredExpiryEntry } from '../../../lib/credentials/expiry/stored-expiry-entry.ts'
import { warnOfExpiry } from '../../../lib/credentials/expiry/warn-of-expiry.ts'
import type { StoredCredential } from '../../../lib/identity/stored-credential.ts'
import type { SecretHash } from '../../../lib/secrets/secret-hash.ts'
import type { TransactionOutcome } from '../../../lib/table/transaction.ts'
import { storedOrganization, storedUser } from '../../identity/sample-membership.ts'

const now = Date.parse('2026-11-21T12:00:00.000Z')
const createdAt = '2026-10-01T00:00:00.000Z'
const expiresAt = '2026-11-25T00:00:00.000Z'
const ids = { organizationId: 'org_1', userId: 'usr_1' } as const

const entry = (number: number): StoredExpiryEntry => ({
  ...{ ...ids, pk: 'EXPIRY#2026-11-25', sk: `${number}`, kind: 'expiry-entry', keyId: `key_${number}` },
  ...{ createdAt, expiresAt, warnedAt: null, expiresAtSeconds: 0 },
})
const credential: StoredCredential = {
  ...{
    ...ids,
    pk: 'USER#usr_1',
    sk: 'CRED#key_1',
    kind: 'credential',
    keyId: 'key_1',
    credentialKind: 'key',
  },
  ...{ name: 'production', status: 'active', secretHash: 'a'.repeat(64) as SecretHash, createdAt, expiresAt },
  ...{ givenExpiresAt: expiresAt, lastUsedAt: null, endsOnFirstUse: null },
  ...{ replaces: null, replacedBy: null, imported: null },
}

/** A run over pages of a hundred, of which these need a warning: those of disabled users need none. */
const runOver = async (
  needed: readonly boolean[],
  remainingMilliseconds = 900_000,
  organization = storedOrganization(),
  write: (run: number) => Promise<TransactionOutcome> = async () => ({ committed: true }),
) => {
  const days: string[] = []
  const organizations: string[] = []
  let writes = 0
  const pauses: number[] = []
  const asked: string[] = []
  const left: string[] = []
  const skipped: string[] = []
  let pages = 0
  const entries = Array.from({ length: 100 * needed.length }, (_, index) => entry(index))
  const result = await warnOfExpiry({
    readUnwarned: async function* (day) {
      days.push(day)
      if (day !== '2026-11-25') return
      yield entries.slice(0, 1)
      yield entries.slice(1)
    },
    readOrganizations: async (organizationIds) => {
      organizations.push(...organizationIds)
      return [organization]
    },
    readEnding: async (page) => {
      const user = storedUser({ status: needed[pages] === true ? 'active' : 'disabled' })
      pages += 1
      return page.slice(0, 1).map((each) => ({ entry: each, credential, user }))
    },
    readAdministrators: async (organizationId) => {
      asked.push(organizationId)
      return []
    },
    write: () => {
      writes += 1
      return write(writes)
    },
    log: ({ event, reason = '' }) => {
      if (event === 'expiry_warnings_left') left.push(reason)
      if (event === 'notice_skipped') skipped.push(reason)
    },
    wait: async (milliseconds) => void pauses.push(milliseconds),
    remainingMilliseconds: () => remainingMilliseconds,
    now: () => now,
    randomBytes: (size) => new Uint8Array(size),
  })
  // The user has no address, so there is none that could be verified.
  expect(skipped).toEqual([])
  return { ...result, pages, pauses, asked, days, organizations, logged: left }
}

describe('the pages of a run', () => {
  it('are followed by a pause for the mailer where something was sent to it', async () => {
    expect((await runOver([true, false, false, true, true])).pauses).toEqual([20_000, 20_000])
  })

  it('ask once for an organization, and who administers it', async () => {
    const { asked, organizations } = await runOver([true, true, true])
    expect([organizations, asked]).toEqual([['org_1'], ['org_1']])
  })

  it('are of the sixty days in which an organization can want to be warned', async () => {
    const { days } = await runOver([true])
    expect([days.length, days[0], days.at(-1)]).toEqual([61, '2026-11-21', '2027-01-20'])
  })

  it('are all done before the first fault is thrown', async () => {
    const faults: number[] = []
    const run = runOver([true, true, true], 900_000, storedOrganization(), (number) => {
      faults.push(number)
      return Promise.reject(new Error(`fault ${number}`))
    })
    await expect(run).rejects.toThrow('fault 1')
    expect(faults).toEqual([1, 2, 3])
  })

  it('are none of an organization that is turned off', async () => {
    const off = storedOrganization({ status: 'inactive' })
    expect(await runOver([true], 900_000, off)).toMatchObject({ pages: 0, warned: 0, left: 0 })
  })

  it('are at least one, however short the time is', async () => {
    expect(await runOver([true, true], 0)).toMatchObject({ pages: 1, warned: 1, left: 100 })
  })

  it('end where no time is left for a page and the pause before it', async () => {
    expect(await runOver([true, true], 80_000)).toMatchObject({ pages: 2, left: 0 })
    expect(await runOver([true, true], 79_999)).toMatchObject({ pages: 1, left: 100 })
    expect(await runOver([false, true], 60_000)).toMatchObject({ pages: 2, left: 0 })
    expect(await runOver([false, true], 59_999)).toMatchObject({ pages: 1, left: 100 })
  })

  it('are two hundred at most', async () => {
    const { pages, left, logged } = await runOver(Array(201).fill(false))
    expect([pages, left, logged]).toEqual([200, 100, ['100 wait for the next run']])
  })
})
