import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, describe } from 'vitest'
import { admit, recognize } from '../../lib/admission/admit.ts'
import { readAuthorization } from '../../lib/admission/presented.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import type { NewCredential } from '../../lib/credentials/credential-shape.ts'
import { findImported, noteUse } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  listCredentials,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { createOwnCredential, rotateOwnCredential } from '../../lib/credentials/own-credentials.ts'
import type { Member } from '../../lib/identity/member.ts'
import { StoredCredential } from '../../lib/identity/stored-credential.ts'
import { StoredMembership } from '../../lib/identity/stored-membership.ts'
import { StoredUser } from '../../lib/identity/stored-user.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { changeOrganization } from '../../lib/organizations/change-organization.ts'
import type { KeyId, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { makeOrganization, origin } from '../organizations/organization.ts'
import { wrongCountsIn } from '../users/true-counts.ts'
import type { Draw } from './check-model.ts'
import { agreesWithModel } from './check-model.ts'
import type { Life, Model } from './credential-model.ts'
import * as model from './credential-model.ts'
import { day, hour } from './credential-model.ts'
import type { Item } from './table-scene.ts'
import { admittedIn, callerOf, modelDependencies, restore, scheduledTable, startedAt } from './table-scene.ts'

/** Two users with credentials, an administrator, and the clock of them all. */
type Real = {
  readonly table: Table
  readonly clock: { now: number }
  /** By name: of every credential ever made its key id, and how it is presented. */
  readonly keyIds: Map<string, KeyId>
  readonly authorizations: Map<string, string>
}

const owners = ['partner', 'other']
let table: Table
let saved: readonly Item[]
let organizationId: OrganizationId
let administratorId: UserId
const userIds = new Map<string, UserId>()

beforeAll(async () => {
  table = await freshTable()
  const made = await makeOrganization(table)
  organizationId = made.organizationId
  administratorId = made.userId
  for (const username of owners) {
    const { user } = await createUser(made.dependencies, made.admin, { username }, origin)
    userIds.set(username, user.userId)
  }
  saved = (await allItems(table)).filter((item) => item['kind'] !== 'audit')
})

const start = async () => {
  await restore(table, saved)
  const real: Real = { table, clock: { now: startedAt }, keyIds: new Map(), authorizations: new Map() }
  const begun: Model = {
    now: startedAt,
    policy: 'rotate',
    isUserOn: Object.fromEntries(owners.map((owner) => [owner, true])),
    credentials: {},
    audit: [],
  }
  return { model: begun, real }
}

const known = <T extends string>(ids: ReadonlyMap<string, T>, name: string): T => {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`nothing is known of ${name}`)
  return id
}

const dependenciesIn = ({ table: at, clock }: Real) => modelDependencies(at, () => clock.now)

const administrator = ({ table: at, clock }: Real): Promise<Caller> =>
  admittedIn(at, { userId: administratorId, organizationId }, 'postern-users', clock.now)

const claimsOn = (at: Table) => ({
  verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' } as const),
  findImported: (secretHash: Parameters<typeof findImported>[1]) => findImported(at, secretHash),
})

/** Whoever presents this credential; by itself this notes no use. */
const holderOf = async (real: Real, name: string): Promise<Caller> => {
  const { identified, snapshot } = await recognize(
    {
      ...claimsOn(real.table),
      readSnapshot: (wanted) => readCallerSnapshot(real.table, wanted),
      now: () => real.clock.now,
      noteUse: () => Promise.reject(new Error('nothing is used')),
    },
    readAuthorization(known(real.authorizations, name)),
  )
  if (snapshot === null) throw new Error(`${name} is not recognized`)
  return callerOf(identified, snapshot, 'postern-credentials')
}

/** @param by the credential that somebody asks with; null for an administrator */
const as =
  (by: string | null, deed: (real: Real, caller: Caller) => Promise<unknown>) =>
  async (real: Real): Promise<(real: Real) => Promise<string>> => {
    const caller = by === null ? await administrator(real) : await holderOf(real, by)
    return (at) => refusalCode(deed(at, caller))
  }

const instant = (real: Real, life: Life): string | null | undefined =>
  typeof life === 'number' ? new Date(real.clock.now + life).toISOString() : life

const remember = (real: Real, name: string, { keyId, secret, token }: NewCredential): void => {
  real.keyIds.set(name, keyId)
  const basic = Buffer.from(`${keyId}:${secret}`).toString('base64')
  real.authorizations.set(name, token === undefined ? `Basic ${basic}` : `Bearer ${token}`)
}

const foreignSecret = (number: number): string => `secret-of-elsewhere-${number}`

const rememberForeign = (real: Real, name: string, keyId: KeyId, kind: string, number: number): void => {
  real.keyIds.set(name, keyId)
  const basic = Buffer.from(`client-${name}:${foreignSecret(number)}`).toString('base64')
  real.authorizations.set(name, kind === 'key' ? `Basic ${basic}` : `Bearer ${foreignSecret(number)}`)
}

// What is drawn.

const lives = fc.constantFrom<Life[]>(undefined, null, hour, day, 30 * day, 0)
const kinds = fc.constantFrom('key' as const, 'token' as const)
const anyOwner = fc.constantFrom(...owners)
const which = fc.nat(1000)
const rotations = fc.record({
  life: fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary: lives, weight: 1 }),
  overlap: fc.constantFrom(0, hour, day, 30 * day),
  endOldOnFirstUse: fc.boolean(),
})

const told = (life: Life): string =>
  life === undefined ? '' : ` for ${life === null ? 'ever' : `${life / hour} h`}`

const picked = (from: readonly string[], at: number): string | undefined => from[at % from.length]

/** One that is there, or now and then one that is gone. */
const anyCredential = (state: Readonly<Model>, at: number): string | undefined =>
  picked(at % 10 === 9 ? Object.keys(state.credentials) : model.live(state), Math.floor(at / 10))

/** One that is there, by which its owner asks, and another one of that owner. */
const ownPair = (state: Readonly<Model>, at: number, of: number) => {
  const accepted = Object.keys(state.credentials).filter((name) => model.isAccepted(state, name))
  const by = picked(accepted, at)
  if (by === undefined) return undefined
  const { owner } = model.find(state, by)
  const own = Object.keys(state.credentials).filter((name) => model.find(state, name).owner === owner)
  // Every other time itself.
  const target = of % 2 === 0 ? by : picked(own, Math.floor(of / 2))
  return target === undefined ? undefined : { by, owner, target }
}

type DrawHere = Draw<Model, Real>

const making = fc.record({ owner: anyOwner, kind: kinds, life: lives }).map(
  (asked): DrawHere =>
    (_state, fresh) => {
      const name = fresh()
      return {
        said: `${name} = a ${asked.kind} for ${asked.owner}${told(asked.life)}`,
        expected: (state) => model.make(state, name, asked, null),
        admit: as(null, async (real, caller) => {
          const body = { name, kind: asked.kind, expiresAt: instant(real, asked.life) }
          const userId = known(userIds, asked.owner)
          remember(real, name, await createCredential(dependenciesIn(real), caller, userId, body, origin))
        }),
      }
    },
)

const makingOwn = fc.record({ kind: kinds, life: lives, at: which }).map(
  ({ kind, life, at }): DrawHere =>
    (state, fresh) => {
      const own = ownPair(state, at, 0)
      if (own === undefined) return undefined
      const name = fresh()
      return {
        said: `${name} = a ${kind} by ${own.by} for its owner${told(life)}`,
        expected: (after, admitted) =>
          model.make(after, name, { owner: own.owner, kind, life }, model.holding(admitted, own.by)),
        admit: as(own.by, async (real, caller) => {
          const body = { name, kind, expiresAt: instant(real, life) }
          remember(real, name, await createOwnCredential(dependenciesIn(real), caller, body, origin))
        }),
      }
    },
)

const bringing = fc.record({ owner: anyOwner, kind: kinds, life: lives, number: fc.nat(2) }).map(
  ({ number, ...asked }): DrawHere =>
    (_state, fresh) => {
      const name = fresh()
      return {
        said: `${name} = ${asked.kind} ${number} of elsewhere for ${asked.owner}${told(asked.life)}`,
        expected: (state) => model.bring(state, name, asked, number),
        admit: as(null, async (real, caller) => {
          const body = {
            ...{ name, kind: asked.kind, hash: hash('sha256', foreignSecret(number), 'hex') },
            expiresAt: instant(real, asked.life),
            ...(asked.kind === 'key' ? { clientId: `client-${name}` } : {}),
          }
          const userId = known(userIds, asked.owner)
          const { keyId } = await importCredential(dependenciesIn(real), caller, userId, body, origin)
          rememberForeign(real, name, keyId, asked.kind, number)
        }),
      }
    },
)

const bodyOf = (real: Real, name: string, { life, overlap, endOldOnFirstUse }: model.Rotation) => ({
  name,
  overlapSeconds: overlap / 1000,
  endOldOnFirstUse,
  ...(life === undefined ? {} : { expiresAt: instant(real, life) }),
})

const rotationTold = (old: string, { life, overlap, endOldOnFirstUse }: model.Rotation): string =>
  `${old} rotated${told(life)}, overlap ${overlap / hour} h${endOldOnFirstUse ? ' or the first use' : ''}`

const rotating = fc.record({ at: which, asked: rotations }).map(
  ({ at, asked }): DrawHere =>
    (state, fresh) => {
      const old = anyCredential(state, at)
      if (old === undefined) return undefined
      const { owner } = model.find(state, old)
      const name = fresh()
      return {
        said: `${name} = ${rotationTold(old, asked)}`,
        expected: (after) => model.rotate(after, name, old, asked, null),
        admit: as(null, async (real, caller) => {
          const target = { userId: known(userIds, owner), keyId: known(real.keyIds, old) }
          const body = bodyOf(real, name, asked)
          remember(real, name, await rotateCredential(dependenciesIn(real), caller, target, body, origin))
        }),
      }
    },
)

const rotatingOwn = fc.record({ at: which, of: which, asked: rotations }).map(
  ({ at, of, asked }): DrawHere =>
    (state, fresh) => {
      const own = ownPair(state, at, of)
      if (own === undefined) return undefined
      const { by, target } = own
      const name = fresh()
      return {
        said: `${name} = ${rotationTold(target, asked)}, by ${by}`,
        expected: (after, admitted) => model.rotate(after, name, target, asked, model.holding(admitted, by)),
        admit: as(by, async (real, caller) => {
          const keyId = known(real.keyIds, target)
          const body = bodyOf(real, name, asked)
          remember(real, name, await rotateOwnCredential(dependenciesIn(real), caller, keyId, body, origin))
        }),
      }
    },
)

const turning = fc.record({ at: which, isOn: fc.boolean() }).map(
  ({ at, isOn }): DrawHere =>
    (state) => {
      const name = anyCredential(state, at)
      if (name === undefined) return undefined
      const { owner } = model.find(state, name)
      return {
        said: `${name} ${isOn ? 'enabled' : 'disabled'}`,
        expected: (after) => model.turn(after, name, isOn),
        admit: as(null, (real, caller) => {
          const target = { userId: known(userIds, owner), keyId: known(real.keyIds, name) }
          const status = isOn ? 'active' : 'disabled'
          return changeCredential(dependenciesIn(real), caller, target, { status }, origin)
        }),
      }
    },
)

const moving = fc.record({ at: which, life: fc.constantFrom(null, hour, day, 30 * day, 0) }).map(
  ({ at, life }): DrawHere =>
    (state) => {
      const name = anyCredential(state, at)
      if (name === undefined) return undefined
      const { owner } = model.find(state, name)
      return {
        said: `${name} lives on${told(life)}`,
        expected: (after) => model.move(after, name, life),
        admit: as(null, (real, caller) => {
          const target = { userId: known(userIds, owner), keyId: known(real.keyIds, name) }
          const expiresAt = instant(real, life)
          return changeCredential(dependenciesIn(real), caller, target, { expiresAt }, origin)
        }),
      }
    },
)

const removing = fc.record({ at: which, of: which, isOwn: fc.boolean() }).map(
  ({ at, of, isOwn }): DrawHere =>
    (state) => {
      const own = isOwn ? ownPair(state, at, of) : undefined
      const name = isOwn ? own?.target : anyCredential(state, at)
      if (name === undefined) return undefined
      const { owner } = model.find(state, name)
      const by = own?.by ?? null
      return {
        said: `${name} deleted${by === null ? '' : ` by ${by}`}`,
        expected: (after) => model.remove(after, name),
        admit: as(by, (real, caller) => {
          const target = { userId: known(userIds, owner), keyId: known(real.keyIds, name) }
          return deleteCredential(dependenciesIn(real), caller, target, origin)
        }),
      }
    },
)

const using = which.map(
  (at): DrawHere =>
    (state) => {
      const name = anyCredential(state, at)
      if (name === undefined) return undefined
      return {
        said: `${name} used`,
        expected: (after) => model.use(after, name),
        admit: () =>
          Promise.resolve(async (real) => {
            const { decision } = await admit(
              {
                ...claimsOn(real.table),
                readSnapshot: (wanted) => readCallerSnapshot(real.table, wanted),
                prepareRanges: prepareNoRanges,
                prepareRateLimit: () => Promise.resolve(uncounted),
                now: () => real.clock.now,
                noteUse: (credential, when) => noteUse(real.table, credential, when),
              },
              known(real.authorizations, name),
              {
                ...{ address: origin.address, method: 'GET', path: '/v1/users/me', aid: null },
                target: { kind: 'self', endsSession: false },
              },
            )
            return decision.allow ? 'ok' : 'not_admitted'
          }),
      }
    },
)

const waiting = fc.constantFrom(hour / 2, hour, day, 30 * day).map(
  (milliseconds): DrawHere =>
    () => ({
      said: `${milliseconds / hour} h later`,
      isAlone: true,
      expected: (state) => {
        state.now += milliseconds
        return 'ok'
      },
      admit: () =>
        Promise.resolve((real) => {
          real.clock.now += milliseconds
          return Promise.resolve('ok')
        }),
    }),
)

const turningUser = fc.record({ owner: anyOwner, isOn: fc.boolean() }).map(
  ({ owner, isOn }): DrawHere =>
    () => ({
      said: `${owner} ${isOn ? 'enabled' : 'disabled'}`,
      expected: (state) => {
        state.isUserOn[owner] = isOn
        state.audit.push(`user.changed ${owner}`)
        return 'ok'
      },
      admit: as(null, (real, caller) => {
        const change = { status: isOn ? ('active' as const) : ('disabled' as const) }
        const anyVersion = { version: null, ifMatch: null }
        return changeUser(dependenciesIn(real), caller, known(userIds, owner), change, anyVersion, origin)
      }),
    }),
)

const allowing = fc.constantFrom('none' as const, 'rotate' as const, 'all' as const, 'all' as const).map(
  (policy): DrawHere =>
    () => ({
      said: `users may ${policy} their own`,
      expected: (state) => {
        state.policy = policy
        state.audit.push('organization.changed')
        return 'ok'
      },
      admit: as(null, (real, caller) =>
        changeOrganization(dependenciesIn(real), caller, { selfServiceKeys: policy }, origin),
      ),
    }),
)

// What there is, from one look at the whole table.

const observe = async (real: Real) => {
  const items = await allItems(real.table)
  const ofKind = (kind: string) => items.filter((item) => item['kind'] === kind)
  const names = new Map<string, string>([...real.keyIds].map(([name, keyId]) => [keyId, name]))
  const named = (keyId: unknown): string => names.get(String(keyId)) ?? String(keyId)
  const stored = ofKind('credential').map((item) => StoredCredential.parse(item))
  const members = owners.map((owner): Member => {
    const ofOwner = (item: Item) => item['userId'] === userIds.get(owner)
    return {
      user: StoredUser.parse(ofKind('user').find(ofOwner)),
      membership: StoredMembership.parse(ofKind('membership').find(ofOwner)),
    }
  })
  const caller = await administrator(real)
  const listed = await Promise.all(
    members.map(async (member) => {
      const reads = {
        readMember: () => Promise.resolve(member),
        readCredentials: (userId: UserId) => Promise.resolve(stored.filter((one) => one.userId === userId)),
      }
      const list = await listCredentials(reads, caller, member.user.userId)
      const shown = list.map(({ keyId, replaces, replacedBy, ...rest }) => ({
        ...rest,
        ...(replaces === undefined ? {} : { replaces: named(replaces) }),
        ...(replacedBy === undefined ? {} : { replacedBy: named(replacedBy) }),
      }))
      return [member.user.username, shown.sort((one, two) => (one.name < two.name ? -1 : 1))] as const
    }),
  )
  const isAccepted = async (name: string): Promise<boolean> => {
    const { identified } = await recognize(
      {
        ...claimsOn(real.table),
        readSnapshot: ({ userId, keyId }) => {
          const member = members.find(({ user }) => user.userId === userId)
          const credential = stored.find((one) => one.keyId === keyId) ?? null
          const { organization, policy } = caller.snapshot
          const rest = { organization, policy, loggedOut: false, actor: null }
          return Promise.resolve({ user: null, membership: null, ...member, credential, ...rest })
        },
        now: () => real.clock.now,
        noteUse: () => Promise.reject(new Error('nothing is used')),
      },
      readAuthorization(known(real.authorizations, name)),
    )
    return identified.ok && identified.subject.userStatus === 'active'
  }
  const shownEver = [...real.authorizations.keys()].sort()
  const accepted = await Promise.all(shownEver.map(isAccepted))
  const target = (item: Item) => {
    const owner = owners.find((one) => userIds.get(one) === item['targetUserId'])
    return item['action'] === 'user.changed' ? ` ${owner}` : ` ${named(item['targetId'])}`
  }
  return {
    listed: Object.fromEntries(listed),
    accepted: shownEver.filter((_name, index) => accepted[index]),
    awaited: ofKind('expiry-entry')
      .map((item) => named(item['keyId']))
      .sort(),
    audit: ofKind('audit')
      .map((item) => `${item['action']}${item['action'] === 'organization.changed' ? '' : target(item)}`)
      .sort(),
    wrongCounts: wrongCountsIn(items),
  }
}

describe('the life of keys and tokens', () => {
  agreesWithModel<Model, Real>(
    () => ({
      deeds: [
        { arbitrary: making, weight: 4 },
        { arbitrary: makingOwn, weight: 2 },
        { arbitrary: bringing, weight: 2 },
        { arbitrary: rotating, weight: 6 },
        { arbitrary: rotatingOwn, weight: 6 },
        { arbitrary: turning, weight: 2 },
        { arbitrary: moving, weight: 2 },
        { arbitrary: removing, weight: 2 },
        { arbitrary: using, weight: 4 },
        { arbitrary: waiting, weight: 4 },
        { arbitrary: turningUser, weight: 1 },
        { arbitrary: allowing, weight: 2 },
      ],
      start,
      scheduled: (real, scheduler) => ({ ...real, table: scheduledTable(real.table, scheduler) }),
      stateOf: model.stateOf,
      observe,
      givingWay: ['version_conflict'],
    }),
    { runs: 12, length: 50 },
  )
})
