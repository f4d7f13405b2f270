import { beforeAll, describe, expect, it } from 'vitest'
import { occasionOf } from '../../lib/audit/occasion.ts'
import { noteUse, readCredentials } from '../../lib/credentials/credential-store.ts'
import type { StoredFactors } from '../../lib/factors/stored-factors.ts'
import { useWrite } from '../../lib/factors/verify-code.ts'
import type { Member } from '../../lib/identity/member.ts'
import { loginWrites } from '../../lib/sessions/login-writes.ts'
import { mergeSightings } from '../../lib/sightings/merge-sightings.ts'
import type { SightingsPart } from '../../lib/sightings/sightings-part.ts'
import { keys } from '../../lib/table/keys.ts'
import { firstUse } from '../credentials/first-use.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'

let scene: AccessScene
let member: Member
beforeAll(async () => {
  scene = await accessScene()
  const { user } = await scene.make({ username: 'partner', password: 'a passphrase of the owner' })
  const read = await scene.dependencies.readMember(user.userId, scene.organizationId)
  if (read === undefined) throw new Error('the user is there')
  member = read
})

/** After everything that the scene does. */
const noon = Date.parse('2126-11-22T12:00:00.000Z')
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString()
const sessionId = 'ses_0123456789abcdefghij'

const logInAt = async (now: number) => {
  const occasion = occasionOf({ ...scene.dependencies, now: () => now })
  return await scene.dependencies.write(
    // Of the user as it was read before the other login.
    loginWrites(member, sessionId, null, occasion, origin, 'login.succeeded'),
  )
}
const readUser = () => scene.dependencies.readMember(member.user.userId, scene.organizationId)

/** By what is shown of it: notes a use at a time, and reads the last one. */
const lastTimes: Readonly<
  Record<string, () => Promise<readonly [(at: number) => Promise<unknown>, () => Promise<unknown>]>>
> = {
  'the last login of a user': async () => [logInAt, async () => (await readUser())?.user.lastLoginAt],
  'the last use of a credential': async () => {
    const read = async () => {
      const [credential] = await readCredentials(scene.table, member.user.userId)
      if (credential === undefined) throw new Error('the credential is there')
      return credential
    }
    const before = await read()
    return [(at) => noteUse(scene.table, firstUse(before), iso(at)), async () => (await read()).lastUsedAt]
  },
  'the last use of a user': async () => {
    const { user } = await scene.make({ username: 'caller' })
    const [credential] = await readCredentials(scene.table, user.userId)
    if (credential === undefined) throw new Error('the credential is there')
    const read = () => scene.dependencies.readMember(user.userId, scene.organizationId)
    return [
      (at) => noteUse(scene.table, firstUse(credential), iso(at)),
      async () => (await read())?.user.lastUsedAt,
    ]
  },
  'the last use of a second factor': async () => {
    let factor = { factorId: 'fac_a1b2c3d4e5f6', lastUsedAt: null as string | null }
    const use = { set: 'x = :x', condition: 'x = :x', names: {}, values: {} }
    return [
      async (at) => {
        const stored = { userId: member.user.userId, factors: [factor] } as unknown as StoredFactors
        const { values } = useWrite(stored, 0, at, use) as { values: Record<string, string> }
        factor = { ...factor, lastUsedAt: values[':at'] ?? null }
      },
      async () => factor.lastUsedAt,
    ]
  },
  'the last call from an address': async () => {
    let parts: readonly SightingsPart[] = []
    return [
      async (at) => {
        const seconds = at / 1000
        const call = { firstSeconds: seconds, lastSeconds: seconds, count: 1, refused: 0 }
        const address = { kind: 'address', name: '203.0.113.7', ...call } as const
        const news = { kind: 'endpoint', name: `GET /${seconds}`, ...call } as const
        const due = mergeSightings(parts, [address, news], seconds)
        if (due !== null) parts = [due.part]
      },
      async () => {
        const [part] = parts
        const last = part?.seen.find(({ kind }) => kind === 'address')?.lastSeconds ?? 0
        return iso(last * 1000)
      },
    ]
  },
}

describe('a last time', () => {
  it.each(Object.keys(lastTimes))('only goes forward, whichever clock comes late: %s', async (name) => {
    const [noteAt, read] = (await lastTimes[name]?.()) ?? []
    await noteAt?.(noon)
    expect(await read?.()).toBe(iso(noon))
    await noteAt?.(noon - 3_600_000)
    expect(await read?.()).toBe(iso(noon))
    await noteAt?.(noon + 3_600_000)
    expect(await read?.()).toBe(iso(noon + 3_600_000))
  })

  it('keeps no login from its audit row, unless the user is gone', async () => {
    expect(await logInAt(noon - 7_200_000)).toEqual({ committed: true })
    const rows = (await allItems(scene.table)).filter(
      ({ action, at }) => action === 'login.succeeded' && at === iso(noon - 7_200_000),
    )
    expect(rows).toHaveLength(1)
    await scene.dependencies.write([{ label: 'user', delete: keys.user(member.user.userId) }])
    expect(await logInAt(noon + 7_200_000)).toMatchObject({ committed: false, failed: 'user' })
  })
})
