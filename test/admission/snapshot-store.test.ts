import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCallerSnapshot, snapshotReaders } from '../../lib/admission/snapshot-store.ts'
import type { CallerSnapshot } from '../../lib/identity/caller-snapshot.ts'
import { DecidedCredential, DecidedMembership, DecidedUser } from '../../lib/identity/decided-items.ts'
import type { SessionId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { itemKinds } from '../../lib/table/schema.ts'
import { freshTable } from '../fresh-table.ts'
import {
  credentialOf,
  memberWith,
  organizationId,
  organizationWith,
  policyWith,
} from '../functions/stored-scene.ts'

const [caller, actor] = [memberWith(1), memberWith(2)]
const [ownKey, actorsKey] = [credentialOf(caller).credential, credentialOf(actor).credential]
const { userId } = caller.user
const actorId = actor.user.userId
const loggedOut: SessionId = 'ses_00000000000000000001'
const live: SessionId = 'ses_00000000000000000002'

let table: Table
beforeAll(async () => {
  table = await freshTable()
  const items = [
    ...[caller, actor].flatMap(({ user, membership }) => [user, membership]),
    organizationWith(),
    policyWith([]),
    ownKey,
    actorsKey,
    // Each has logged out of one session: the actor's is nothing to the caller.
    { ...keys.logout(userId, loggedOut), kind: itemKinds.logout },
    { ...keys.logout(actorId, live), kind: itemKinds.logout },
  ]
  for (const Item of items)
    await table.client.send(new PutCommand({ TableName: table.tableName, Item: { ...Item } }))
})

/** What a decision needs of them. */
const decidedOf = <S extends Items>(snapshot: S) => ({
  ...snapshot,
  user: snapshot.user && DecidedUser.parse(snapshot.user),
  membership: snapshot.membership && DecidedMembership.parse(snapshot.membership),
  credential: snapshot.credential && DecidedCredential.parse(snapshot.credential),
})
type Items = Pick<CallerSnapshot, 'user' | 'membership' | 'credential'>

describe('what is read of a caller, in one batch or in two', () => {
  const cases = [null, ownKey.keyId].flatMap((keyId) =>
    [null, live, loggedOut].flatMap((sessionId) =>
      [null, { userId: actorId, keyId: null }, { userId: actorId, keyId: actorsKey.keyId }].map((by) => ({
        keyId,
        sessionId,
        actor: by,
      })),
    ),
  )

  it.each(cases)('is each item in its place: %o', async (wanted) => {
    const snapshot = await readCallerSnapshot(table, { userId, organizationId, ...wanted })
    expect(snapshot).toEqual({
      ...caller,
      organization: organizationWith(),
      policy: policyWith([]),
      credential: wanted.keyId === null ? null : ownKey,
      loggedOut: wanted.sessionId === loggedOut,
      actor: wanted.actor && { ...actor, credential: wanted.actor.keyId === null ? null : actorsKey },
    })
    const { own, organization } = snapshotReaders(table)
    const parts = {
      ...(await own({ userId, organizationId, ...wanted })),
      ...(await organization(organizationId)),
    }
    expect(parts).toEqual({ ...decidedOf(snapshot), actor: snapshot.actor && decidedOf(snapshot.actor) })
  })

  it('is nothing where there is no such item, and no item of somebody else', async () => {
    const [nobody, noActor, elsewhere] = [
      'usr_000000000000000y',
      'usr_000000000000000z',
      'org_000000000z',
    ] as const
    const nothing = { user: null, membership: null, credential: null }
    const unknown = { userId: nobody, keyId: ownKey.keyId, sessionId: loggedOut }
    expect(
      await readCallerSnapshot(table, {
        ...unknown,
        organizationId,
        actor: { userId: noActor, keyId: actorsKey.keyId },
      }),
    ).toEqual({
      ...nothing,
      organization: organizationWith(),
      policy: policyWith([]),
      loggedOut: false,
      actor: nothing,
    })
    const strange = { userId, keyId: null, sessionId: null, organizationId: elsewhere, actor: null }
    expect(await readCallerSnapshot(table, strange)).toMatchObject({
      user: caller.user,
      membership: null,
      organization: null,
      policy: null,
    })
  })
})
