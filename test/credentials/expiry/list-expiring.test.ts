import { beforeEach, describe, expect, it } from 'vitest'
import { endingCredential, soonestFirst } from '../../../lib/credentials/expiry/ending-credential.ts'
import { listExpiring } from '../../../lib/credentials/expiry/list-expiring.ts'
import { StoredExpiryEntry } from '../../../lib/credentials/expiry/stored-expiry-entry.ts'
import type { StoredCredential } from '../../../lib/identity/stored-credential.ts'
import { createOrganization } from '../../../lib/organizations/create-organization.ts'
import type { KeyId, UserId } from '../../../lib/secrets/key-id.ts'
import { keys } from '../../../lib/table/keys.ts'
import { put } from '../../../lib/table/stored-item.ts'
import { writeTransaction } from '../../../lib/table/transaction.ts'
import { deleteUser } from '../../../lib/users/delete-user.ts'
import { callerWith, origin } from '../../organizations/organization.ts'
import type { ExpiryScene } from './expiry-scene.ts'
import { makeExpiryScene } from './expiry-scene.ts'

let scene: ExpiryScene
let userId: UserId
beforeEach(async () => {
  scene = await makeExpiryScene()
  userId = (await scene.makeUser({ username: 'partner-42' })).userId
})

const list = (days?: number, caller = scene.admin) =>
  listExpiring(scene.reader, caller.subject.organization.organizationId, days)
const listedKeys = async (days?: number) => (await list(days)).credentials.map(({ keyId }) => keyId)

describe('the credentials that end soon', () => {
  it('are shown with whose they are, soonest first', async () => {
    const later = await scene.makeKey(userId, 20, scene.admin, 'later')
    const sooner = await scene.makeKey(userId, 10, scene.admin, 'sooner')
    const { secret: _, ...shown } = sooner
    expect(await list()).toEqual({
      credentials: [
        { userId, username: 'partner-42', ...shown, lastUsedAt: null },
        expect.objectContaining({ keyId: later.keyId, name: 'later' }),
      ],
      more: false,
    })
  })

  it('are those of the days asked for to the hour, 30 unless said otherwise', async () => {
    const inAnHour = await scene.makeKey(userId, 1 / 24)
    const atThirty = await scene.makeKey(userId, 30)
    const after = await scene.makeKey(userId, 30.01)
    const atSixty = await scene.makeKey(userId, 60)
    await scene.makeKey(userId, 60.01)
    expect(await listedKeys(1)).toEqual([inAnHour.keyId])
    expect(await listedKeys()).toEqual([inAnHour.keyId, atThirty.keyId])
    expect(await listedKeys(60)).toEqual([inAnHour.keyId, atThirty.keyId, after.keyId, atSixty.keyId])
    scene.goTo(1 / 24)
    expect(await listedKeys(1)).toEqual([])
  })

  it('are those of one organization', async () => {
    const body = { name: 'Second', administrator: { username: 'second-admin' } }
    const made = await createOrganization(scene.manage, scene.admin, body, origin)
    const second = await callerWith(scene.table, made.credential.token ?? '')
    const theirs = await scene.makeKey(made.user.userId, 10, second)
    const ours = await scene.makeKey(userId, 10)
    expect(await listedKeys()).toEqual([ours.keyId])
    expect((await list(30, second)).credentials.map(({ keyId }) => keyId)).toEqual([theirs.keyId])
  })

  it('leave out what was rotated, deleted, or belongs to nobody any more', async () => {
    const { keyId } = await scene.makeKey(userId, 10)
    const successor = await scene.rotate(userId, keyId)
    const gone = await scene.makeUser({ username: 'gone' })
    await scene.makeKey(gone.userId, 10)
    const [entry] = (await scene.itemsOfKind('expiry-entry')).filter((item) => item['userId'] === gone.userId)
    await deleteUser(scene.manage, scene.admin, gone.userId, null, origin)
    const orphan = await scene.makeUser({ username: 'orphan' })
    await scene.makeKey(orphan.userId, 10)
    await writeTransaction(scene.table, [
      put<typeof StoredExpiryEntry>('left behind', StoredExpiryEntry.parse(entry)),
      { label: 'user', delete: keys.user(orphan.userId) },
    ])
    expect(await listedKeys()).toEqual([successor.keyId])
  })

  it('are a thousand at most, and then it says so', async () => {
    const first = await scene.makeKey(userId, 9)
    await scene.makeKeys(userId, Array<number>(1000).fill(10))
    const { credentials, more } = await list()
    expect([credentials.length, more, credentials[0]?.keyId]).toEqual([1000, true, first.keyId])
    expect((await list(9)).more).toBe(false)
  })

  it('are an error if one of them cannot be read, and no shorter list', async () => {
    const { keyId } = await scene.makeKey(userId, 10)
    const update = keys.credential(userId, keyId)
    const spoilt = { set: 'SET #name = :canary', names: { '#name': 'name' }, values: { ':canary': true } }
    await writeTransaction(scene.table, [{ label: 'spoilt', update, ...spoilt }])
    await expect(list()).rejects.toThrow()
  })
})

const entryOf = (keyId: KeyId, expiresAt: string): StoredExpiryEntry => ({
  ...{ pk: 'EXPIRY', sk: keyId, kind: 'expiry-entry', organizationId: 'org_1', userId: 'usr_1' },
  ...{ keyId, createdAt: '2026-01-01T00:00:00.000Z', expiresAt, warnedAt: null, expiresAtSeconds: 0 },
})
const soon = '2026-11-25T00:00:00.000Z'

describe('a list of a thousand', () => {
  it('has no more', async () => {
    const entries = Array.from({ length: 1000 }, (_, index) => entryOf(`key_${index}`, soon))
    const { more } = await listExpiring(
      {
        now: () => Date.parse('2026-11-21T12:00:00.000Z'),
        readOrganizationEntries: async () => entries,
        readEnding: async () => [],
      },
      'org_1',
    )
    expect(more).toBe(false)
  })
})

describe('an entry', () => {
  it('is of a credential that ends when the entry says, in the same organization', async () => {
    await scene.makeKey(userId, 10)
    const [entry] = (await scene.itemsOfKind('expiry-entry')).map((item) => StoredExpiryEntry.parse(item))
    if (entry === undefined) throw new Error('there is no entry')
    const [ending] = await scene.worker.readEnding([entry], () => undefined)
    if (ending === undefined) throw new Error('there is no credential')
    const { credential, user } = ending
    const of = (change: Partial<StoredCredential>) =>
      endingCredential(entry, { ...credential, ...change }, user) !== undefined
    expect(of({})).toBe(true)
    expect(of({ expiresAt: soon })).toBe(false)
    expect(of({ organizationId: 'org_2' })).toBe(false)
  })

  it('comes before a later one, and of two that end at once, before the one with the greater id', () => {
    const sorted = [
      entryOf('key_1', '2026-11-26T00:00:00.000Z'),
      entryOf('key_3', soon),
      entryOf('key_2', soon),
    ]
    expect(sorted.toSorted(soonestFirst).map(({ keyId }) => keyId)).toEqual(['key_2', 'key_3', 'key_1'])
  })
})
