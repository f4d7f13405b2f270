import { beforeEach, describe, expect, it } from 'vitest'
import { keys } from '../../../lib/table/keys.ts'
import { writeTransaction } from '../../../lib/table/transaction.ts'
import { makeCaller } from '../../organizations/organization.ts'
import { otherOrganization } from '../../refusals/refusal-notes.ts'
import { begin, scene, userId } from './warning-scene.ts'

beforeEach(begin)

describe('a run of the warnings', () => {
  it('that cannot be asked for holds up no other, and is asked for by the next run', async () => {
    const broken = await scene.makeKey(userId, 88)
    const other = await scene.makeKey(userId, 89)
    scene.goTo(80)
    const failing = scene.warn({
      write: (writes) =>
        JSON.stringify(writes).includes(broken.keyId)
          ? Promise.reject(new Error('DynamoDB is away'))
          : scene.worker.write(writes),
    })
    await expect(failing).rejects.toThrow('DynamoDB is away')
    expect(scene.warnings()).toMatchObject([{ keyId: other.keyId }])
    const failed = scene.logged.filter(({ event }) => event === 'expiry_warning_failed')
    expect(failed).toMatchObject([{ keyId: broken.keyId, error: 'Error' }])
    expect(await scene.warn()).toMatchObject({ warned: 1 })
  })

  it('is held up by no row that cannot be read: neither an entry, a credential, a user nor an organization', async () => {
    const { organizationId } = scene.admin.subject.organization
    const [entry, credential, good] = [
      await scene.makeKey(userId, 85),
      await scene.makeKey(userId, 86),
      await scene.makeKey(userId, 89),
    ]
    const broken = await scene.makeUser({ username: 'broken' })
    const ofBroken = await scene.makeKey(broken.userId, 87)
    const other = await otherOrganization(scene.table)
    await scene.makeKey(other.userId, 88, other.admin)
    const entryItem = (await scene.itemsOfKind('expiry-entry')).find(({ keyId }) => keyId === entry.keyId)
    const spoil = async (pk: unknown, sk: unknown, field: string) => {
      const spoilt = { update: { pk: String(pk), sk: String(sk) }, set: 'SET #field = :canary' }
      const value = { names: { '#field': field }, values: { ':canary': { canary: true } } }
      await writeTransaction(scene.table, [{ label: 'spoilt', ...spoilt, ...value }])
    }
    await spoil(entryItem?.['pk'], entryItem?.['sk'], 'keyId')
    const at = keys.credential(userId, credential.keyId)
    await spoil(at.pk, at.sk, 'name')
    const profile = keys.user(broken.userId)
    await spoil(profile.pk, profile.sk, 'status')
    const settings = keys.organization(other.organizationId)
    await spoil(settings.pk, settings.sk, 'name')
    scene.goTo(80)
    await expect(scene.warn()).rejects.toThrow()
    expect(scene.warnings()).toMatchObject([{ keyId: good.keyId }])
    const failed = scene.logged.filter(({ event }) => event === 'expiry_warning_failed')
    const event = { event: 'expiry_warning_failed', error: 'Malformed' }
    expect(failed).toEqual([
      { ...event, organizationId, userId, keyId: entry.keyId },
      { ...event, organizationId: other.organizationId },
      { ...event, organizationId, userId, keyId: credential.keyId },
      { ...event, organizationId, userId: broken.userId, keyId: ofBroken.keyId },
    ])
  })

  it('pauses after each hundred, for the mailer, and leaves to the next run what it has no time for: the organizations in turns, the soonest of each first', async () => {
    const makers = await Promise.all(
      ['one', 'two', 'three'].map((username) =>
        makeCaller(scene.table, scene.admin, { username, email: 'many@partner.example' }),
      ),
    )
    for (const { user } of makers)
      await scene.makeKeys(
        user.userId,
        Array.from({ length: 34 }, (_, index) => 90 + index / 100),
      )
    const other = await otherOrganization(scene.table)
    const { keyId } = await scene.makeKey(other.userId, 91, other.admin)
    scene.goTo(80)
    const pauses: number[] = []
    const wait = (milliseconds: number) => Promise.resolve(void pauses.push(milliseconds))
    const late = { wait, remainingMilliseconds: () => 60_000 }
    expect(await scene.warn(late)).toEqual({ warned: 100, left: 3 })
    expect(scene.logged).toContainEqual({ event: 'expiry_warnings_left', reason: '3 wait for the next run' })
    expect(scene.warnings().map((warning) => warning.keyId)).toContain(keyId)
    const waiting = (await scene.itemsOfKind('expiry-entry')).filter(({ warnedAt }) => warnedAt === null)
    expect(waiting.map(({ expiresAt }) => expiresAt)).toEqual([90.33, 90.33, 90.33].map(scene.inDays))
    expect(await scene.warn(late)).toEqual({ warned: 3, left: 0 })
    expect(pauses).toEqual([])
  })

  it('considers no more than a number of entries in a run, those of each organization that expire first, and goes on after them in the next', async () => {
    const other = await otherOrganization(scene.table)
    for (const days of [86, 89, 88, 87, 85]) await scene.makeKey(userId, days)
    await scene.makeKey(other.userId, 90, other.admin)
    scene.goTo(80)
    const held: number[] = []
    const run = () =>
      scene.warn({
        mostEntries: 2,
        readUnwarned: async function* (...wanted) {
          // The smallest pages that there can be.
          for await (const page of scene.worker.readUnwarned(...wanted))
            for (const entry of page) yield [entry]
        },
        readEnding: (entries, onMalformed) => {
          held.push(entries.length)
          return scene.worker.readEnding(entries, onMalformed)
        },
      })
    const ends = async () =>
      (await scene.itemsOfKind('expiry-entry'))
        .filter(({ warnedAt }) => warnedAt === null)
        .map(({ expiresAt }) => String(expiresAt))
        .toSorted()
    expect(await run()).toEqual({ warned: 2, left: 4 })
    expect(await ends()).toEqual([86, 87, 88, 89].map(scene.inDays))
    expect(await run()).toEqual({ warned: 2, left: 2 })
    expect(await ends()).toEqual([88, 89].map(scene.inDays))
    expect(await run()).toEqual({ warned: 2, left: 0 })
    expect(held).toEqual([2, 2, 2])
  })

  it('warns of all of them in one run that has the time', async () => {
    const { user } = await makeCaller(scene.table, scene.admin, {
      username: 'busy',
      email: 'b@partner.example',
    })
    const others = await Promise.all(
      [1, 2, 3, 4, 5].map((number) =>
        makeCaller(scene.table, scene.admin, { username: `busy-${number}`, email: 'b@partner.example' }),
      ),
    )
    for (const userId of [user, ...others.map((other) => other.user)].map((each) => each.userId))
      await scene.makeKeys(userId, Array<number>(35).fill(90))
    scene.goTo(80)
    const pauses: number[] = []
    const wait = (milliseconds: number) => Promise.resolve(void pauses.push(milliseconds))
    expect(await scene.warn({ wait })).toEqual({ warned: 210, left: 0 })
    expect(pauses).toEqual([20_000, 20_000])
  })
})
