import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import {
  readConsoleSession,
  readConsoleSessions,
  readEndedSecret,
} from '../../lib/console/console-session-store.ts'
import { listOwnSessions } from '../../lib/console/list-sessions.ts'
import { moveSession } from '../../lib/console/move-session.ts'
import { renewToken } from '../../lib/console/renew-token.ts'
import { signIn } from '../../lib/console/sign-in.ts'
import { signOut, signOutEverywhere } from '../../lib/console/sign-out.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { PasswordHash, PasswordText } from '../../lib/secrets/password-text.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { callersOf, makeOrganization, origin } from '../organizations/organization.ts'
import type { Draw } from './check-model.ts'
import { agreesWithModel } from './check-model.ts'
import type { Item } from './table-scene.ts'
import { admittedIn, modelDependencies, restore, scheduledTable, startedAt } from './table-scene.ts'

/** A user of one organization who is a guest of another, and the sessions that it opens in both. */
type Membership = 'home' | 'host'
type Session = {
  membership: Membership
  userEpoch: number
  membershipEpoch: number
  idleEnd: number
  end: number
  /** The same of all that took each other's place. */
  signIn: string
  isOver: boolean
}
/** Naive: epochs count what ends the sessions. Times in seconds. */
type Model = {
  now: number
  passwords: number
  isActive: boolean
  level: 'dashboard' | 'api'
  userEpoch: number
  /** How often the user joined the host, and the status of its membership there. */
  membershipEpoch: number
  host: 'active' | 'suspended' | 'gone'
  sessions: Record<string, Session>
}
type Real = {
  readonly table: Table
  readonly clock: { now: number }
  /** By name: what the browser of each session sends. */
  readonly cookies: Map<string, string>
}

const minute = 60
const idle = 30 * minute
const absolute = 12 * 60 * minute

let table: Table
let saved: readonly Item[]
let administratorId: UserId
let hostAdministratorId: UserId
let userId: UserId
const organizations: Record<Membership, OrganizationId> = { home: 'org_', host: 'org_' }

const passwordOf = (number: number): string => `passphrase of the owner, number ${number}`

beforeAll(async () => {
  table = await freshTable()
  const { dependencies, admin, organizationId, userId: first } = await makeOrganization(table)
  administratorId = first
  organizations.home = organizationId
  const second = { name: 'Host', administrator: { username: 'host-admin' } }
  const host = await createOrganization(dependencies, admin, second, origin)
  organizations.host = host.organization.organizationId
  hostAdministratorId = host.user.userId
  const now = Date.now()
  const cheap = { ...modelDependencies(table, () => now), hasher }
  const body = { username: 'dana', accessLevel: 'dashboard', password: passwordOf(0) } as const
  userId = (await createUser(cheap, admin, body, origin)).user.userId
  await openMembership({ table, clock: { now }, cookies: new Map() })
  saved = (await allItems(table)).filter((item) => item['kind'] !== 'audit')
})

const own = ({ table: at, clock }: Real, membership: Membership = 'home') =>
  admittedIn(at, { userId, organizationId: organizations[membership] }, 'postern-users', clock.now)
const administrator = ({ table: at, clock }: Real, membership: Membership) =>
  admittedIn(
    at,
    {
      userId: membership === 'home' ? administratorId : hostAdministratorId,
      organizationId: organizations[membership],
    },
    'postern-users',
    clock.now,
  )

const openMembership = async (real: Real): Promise<void> => {
  const dependencies = modelDependencies(real.table, () => real.clock.now)
  await createUser(dependencies, await administrator(real, 'host'), { username: 'dana' }, origin)
  await acceptOwnInvitation(dependencies, await own(real), organizations.host, origin)
}

/** Cheap, in a form that is stored. */
const hasher = {
  hash: (password: PasswordText) => Promise.resolve(`$argon2 of ${password}` as PasswordHash),
  verify: (hash: PasswordHash, password: PasswordText) => Promise.resolve(hash === `$argon2 of ${password}`),
  isOutdated: () => false,
  decoy: () => Promise.resolve('$argon2 of nothing' as PasswordHash),
}

const dependenciesIn = ({ table: at, clock }: Real) => ({
  ...callersOf(at),
  ...openLogins(at),
  ...modelDependencies(at, () => clock.now),
  hasher,
  // Limits on guesses have a model of their own.
  admitGuess: () => Promise.resolve(true),
  spendSession: () => Promise.resolve(),
  onRefused: () => undefined,
  secondFactorOf: () => Promise.resolve('none' as const),
  issueSession: () => Promise.resolve({ text: 'signed', sessionId: 'ses_' as const }),
  readConsoleSession: (of: Parameters<typeof readConsoleSession>[1]) => readConsoleSession(at, of),
  readConsoleSessions: (of: UserId) => readConsoleSessions(at, of),
  readEndedSecret: (of: Parameters<typeof readEndedSecret>[1]) => readEndedSecret(at, of),
  readPasswordHash: async () =>
    (await readItem(at, keys.password(userId)))?.['passwordHash'] as Awaited<
      ReturnType<Parameters<typeof changePassword>[0]['readPasswordHash']>
    >,
  countAttempt: () => Promise.resolve(1),
  uncountAttempt: () => Promise.resolve(),
  resetAttempts: () => Promise.resolve(),
})

type DrawHere = Draw<Model, Real>
const at = (deed: (real: Real) => Promise<unknown>) => () =>
  Promise.resolve((real: Real) => refusalCode(deed(real)))
const anyMembership = fc.constantFrom<Membership>('home', 'host')

const mayEnter = ({ isActive, level, host }: Readonly<Model>, membership: Membership): boolean =>
  isActive && level === 'dashboard' && (membership === 'home' || host === 'active')

const isLive = (model: Readonly<Model>, session: Session): boolean =>
  !session.isOver && session.userEpoch === model.userEpoch && model.now < session.idleEnd

const signingIn = anyMembership.map(
  (membership): DrawHere =>
    (_state, fresh) => {
      const name = fresh()
      return {
        said: `${name} signs in at ${membership}`,
        isAlone: true,
        expected: (model) => {
          if (!mayEnter(model, membership)) return 'invalid_credentials'
          const { now, userEpoch, membershipEpoch } = model
          const end = now + absolute
          model.sessions[name] = {
            membership,
            userEpoch,
            membershipEpoch,
            idleEnd: now + idle,
            end,
            signIn: name,
            isOver: false,
          }
          return 'ok'
        },
        admit: at(async (real) => {
          const number = await passwordNow(real)
          const given = {
            username: 'dana',
            password: passwordOf(number),
            organizationId: organizations[membership],
          }
          const browser = { cookies: [], userAgent: name }
          const { cookie } = await signIn(dependenciesIn(real), given, browser, origin)
          real.cookies.set(name, cookie.split(';')[0] ?? '')
        }),
      }
    },
)

const passwordNow = async ({ table: of }: Real): Promise<number> =>
  Number(/(\d+)$/.exec(String((await readItem(of, keys.password(userId)))?.['passwordHash']))?.[1])

/** Something with one of the sessions that were ever opened. */
const withSession = (
  deed: (
    name: string,
  ) => { readonly said: string; readonly isAlone?: true } & Pick<
    NonNullable<ReturnType<DrawHere>>,
    'expected' | 'admit'
  >,
) =>
  fc.nat().map(
    (number): DrawHere =>
      ({ sessions }) => {
        const names = Object.keys(sessions)
        const name = names[number % Math.max(1, names.length)]
        return name === undefined ? undefined : deed(name)
      },
  )

const sessionIn = (model: Readonly<Model>, name: string): Session => {
  const session = model.sessions[name]
  if (session === undefined) throw new Error(`there was no ${name}`)
  return session
}

const mayUse = (model: Model, session: Session): boolean => {
  const isPlaced = session.membership === 'home' || session.membershipEpoch === model.membershipEpoch
  return isLive(model, session) && isPlaced && mayEnter(model, session.membership)
}

const renewed = (model: Model, name: string): string => {
  const session = sessionIn(model, name)
  if (!mayUse(model, session)) return 'invalid_credentials'
  const next = Math.min(model.now + idle, session.end)
  // To the minute.
  if (next - session.idleEnd >= minute) session.idleEnd = next
  return 'ok'
}
const renew = (real: Real, name: string) =>
  renewToken(dependenciesIn(real), [real.cookies.get(name) ?? ''], origin)

const renewing = withSession((name) => ({
  said: `${name} asks for a token`,
  expected: (model) => renewed(model, name),
  admit: at((real) => renew(real, name)),
}))

/** To the other organization or to the same one, without the password. */
const moving = fc.tuple(fc.nat(), anyMembership).map(
  ([number, membership]): DrawHere =>
    ({ sessions }, fresh) => {
      const names = Object.keys(sessions)
      const name = names[number % Math.max(1, names.length)]
      if (name === undefined) return undefined
      const next = fresh()
      return {
        said: `${name} moves to ${membership} as ${next}`,
        expected: (model) => {
          const session = sessionIn(model, name)
          if (!mayUse(model, session)) return 'invalid_credentials'
          if (!mayEnter(model, membership)) return 'not_found'
          session.isOver = true
          const { now, userEpoch, membershipEpoch } = model
          const { end, signIn } = session
          const idleEnd = Math.min(now + idle, end)
          model.sessions[next] = {
            membership,
            userEpoch,
            membershipEpoch,
            idleEnd,
            end,
            signIn,
            isOver: false,
          }
          return 'ok'
        },
        admit: at(async (real) => {
          const browser = { cookies: [real.cookies.get(name) ?? ''], userAgent: next }
          const dependencies = dependenciesIn(real)
          const { cookie } = await moveSession(dependencies, organizations[membership], browser, origin)
          real.cookies.set(next, cookie.split(';')[0] ?? '')
        }),
      }
    },
)

/** Never idle, up to the absolute end. */
const staying = withSession((name) => ({
  said: `${name} stays for 12 hours and 5 minutes`,
  isAlone: true,
  expected: (model) => {
    const answers = Array.from({ length: 25 }, () => {
      model.now += 29 * minute
      return renewed(model, name)
    })
    return answers.join()
  },
  admit: () =>
    Promise.resolve(async (real: Real) => {
      const answers: string[] = []
      for (let step = 0; step < 25; step += 1) {
        real.clock.now += 29 * minute * 1000
        answers.push(await refusalCode(renew(real, name)))
      }
      return answers.join()
    }),
}))

const signingOut = withSession((name) => ({
  said: `${name} signs out`,
  expected: (model) => {
    const { signIn } = sessionIn(model, name)
    for (const session of Object.values(model.sessions)) if (session.signIn === signIn) session.isOver = true
    return 'ok'
  },
  admit: at((real) => signOut(dependenciesIn(real), [real.cookies.get(name) ?? ''], origin)),
}))

/** Ends all sessions of the user, by the user. */
const endingAll = fc.constantFrom('everywhere', 'password').map(
  (how): DrawHere =>
    ({ isActive, passwords }) =>
      isActive
        ? {
            said: how === 'everywhere' ? 'signs out everywhere' : 'changes the password',
            isAlone: true,
            expected: (model) => {
              model.userEpoch += 1
              if (how === 'password') model.passwords += 1
              return 'ok'
            },
            admit: at(async (real) => {
              const dependencies = dependenciesIn(real)
              if (how === 'everywhere') return await signOutEverywhere(dependencies, await own(real), origin)
              const newPassword = passwordOf(passwords + 1)
              const body = {
                currentPassword: passwordOf(passwords),
                newPassword,
                confirmPassword: newPassword,
              }
              return await changePassword(dependencies, await own(real), body, origin)
            }),
          }
        : undefined,
)

/** By an administrator of the home organization. */
const changing = fc
  .constantFrom<Partial<Pick<Model, 'level'> & { status: 'active' | 'disabled' }>>(
    { status: 'disabled' },
    { status: 'active' },
    { level: 'api' },
    { level: 'dashboard' },
  )
  .map(
    ({ status, level }): DrawHere =>
      () => ({
        said: `is made ${status ?? level}`,
        isAlone: true,
        expected: (model) => {
          const isOther =
            status === undefined ? model.level !== level : model.isActive !== (status === 'active')
          if (isOther && status !== 'active') model.userEpoch += 1
          // Who enables a user may be somebody else than who has its password.
          if (isOther && status === 'active' && model.host === 'active') model.host = 'suspended'
          if (status === undefined) model.level = level ?? model.level
          else model.isActive = status === 'active'
          return 'ok'
        },
        admit: at(async (real) => {
          const change = status === undefined ? { accessLevel: level } : { status }
          const nothing = { version: null, ifMatch: null }
          const by = await administrator(real, 'home')
          await changeUser(dependenciesIn(real), by, userId, change, nothing, origin)
        }),
      }),
  )

/** By an administrator of the host, and the user. */
const placing = fc.boolean().map(
  (isEnd): DrawHere =>
    ({ host, isActive }) =>
      isEnd === (host === 'gone') || !isActive
        ? undefined
        : {
            said: isEnd ? 'loses the membership at the host' : 'gets a new membership at the host',
            isAlone: true,
            expected: (model) => {
              model.host = isEnd ? 'gone' : 'active'
              model.membershipEpoch += isEnd ? 0 : 1
              return 'ok'
            },
            admit: at(async (real) => {
              if (!isEnd) return await openMembership(real)
              await deleteUser(dependenciesIn(real), await administrator(real, 'host'), userId, null, origin)
            }),
          },
)

const waiting = fc.constantFrom(1, minute - 1, minute, 10 * minute, idle - 1, idle, 11 * 60 * minute).map(
  (seconds): DrawHere =>
    () => ({
      said: `${seconds} s pass`,
      isAlone: true,
      expected: (model) => {
        model.now += seconds
        return 'ok'
      },
      admit: () =>
        Promise.resolve((real: Real) => {
          real.clock.now += seconds * 1000
          return Promise.resolve('ok')
        }),
    }),
)

describe('a session of the console', () => {
  it('ends 12 hours after the sign-in, however busy it is, and so do its tokens', async () => {
    await restore(table, saved)
    const real: Real = { table, clock: { now: startedAt }, cookies: new Map() }
    const lives: number[] = []
    const dependencies = {
      ...dependenciesIn(real),
      issueSession: ({ lifetimeSeconds }: { readonly lifetimeSeconds: number }) => {
        lives.push(lifetimeSeconds)
        return Promise.resolve({ text: 'signed', sessionId: 'ses_' as const })
      },
    }
    const given = { username: 'dana', password: passwordOf(0) }
    const { cookie } = await signIn(dependencies, given, { cookies: [], userAgent: '' }, origin)
    const cookies = [cookie.split(';')[0] ?? '']
    const end = new Date(startedAt + absolute * 1000).toISOString()
    for (let minutes = 20; minutes < 12 * 60; minutes += 20) {
      real.clock.now = startedAt + minutes * minute * 1000
      const { idleEndsAt, sessionEndsAt } = await renewToken(dependencies, cookies, origin)
      expect(sessionEndsAt).toBe(end)
      expect(Date.parse(idleEndsAt)).toBe(Math.min(real.clock.now + idle * 1000, Date.parse(end)))
    }
    real.clock.now = Date.parse(end) - 1000
    await renewToken(dependencies, cookies, origin)
    expect(lives.slice(-2)).toEqual([300, 1])
    real.clock.now = Date.parse(end)
    expect(await refusalCode(renewToken(dependencies, cookies, origin))).toBe('invalid_credentials')
  })

  it('does not go on in another organization if it ends while it is asked for', async () => {
    await restore(table, saved)
    const real: Real = { table, clock: { now: startedAt }, cookies: new Map() }
    const dependencies = dependenciesIn(real)
    const given = { username: 'dana', password: passwordOf(0) }
    const { cookie } = await signIn(dependencies, given, { cookies: [], userAgent: '' }, origin)
    const browser = { cookies: [cookie.split(';')[0] ?? ''], userAgent: '' }
    const late = {
      ...dependencies,
      readAccount: async (of: Parameters<typeof dependencies.readAccount>[0]) => {
        await signOutEverywhere(dependencies, await own(real), origin)
        return await dependencies.readAccount(of)
      },
    }
    const asked = moveSession(late, organizations.host, browser, origin)
    expect(await refusalCode(asked)).toBe('invalid_credentials')
    expect(await listOwnSessions(dependencies, await own(real))).toEqual({ sessions: [] })
  })

  agreesWithModel<Model, Real>(
    () => ({
      deeds: [
        { arbitrary: signingIn, weight: 3 },
        { arbitrary: renewing, weight: 6 },
        { arbitrary: staying, weight: 1 },
        { arbitrary: moving, weight: 3 },
        { arbitrary: signingOut, weight: 1 },
        { arbitrary: endingAll, weight: 1 },
        { arbitrary: changing, weight: 1 },
        { arbitrary: placing, weight: 1 },
        { arbitrary: waiting, weight: 3 },
      ],
      start: async () => {
        await restore(table, saved)
        const model: Model = {
          ...{ now: startedAt / 1000, passwords: 0, isActive: true, level: 'dashboard' },
          ...{ userEpoch: 0, membershipEpoch: 0, host: 'active', sessions: {} },
        }
        return { model, real: { table, clock: { now: startedAt }, cookies: new Map() } }
      },
      scheduled: (real, scheduler) => ({ ...real, table: scheduledTable(real.table, scheduler) }),
      /** The list that the user sees. */
      stateOf: (model) =>
        Object.entries(model.sessions)
          .filter(([, session]) => isLive(model, session))
          .map(([name, { idleEnd, end }]) => ({ name, idleEnd, end }))
          .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
      observe: async (real, { isActive }) => {
        if (!isActive) return []
        const { sessions } = await listOwnSessions(dependenciesIn(real), await own(real))
        return sessions
          .map(({ userAgent, idleEndsAt, sessionEndsAt }) => ({
            name: userAgent,
            idleEnd: Date.parse(idleEndsAt) / 1000,
            end: Date.parse(sessionEndsAt) / 1000,
          }))
          .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      },
      givingWay: [],
    }),
    { runs: 12, length: 25 },
  )

  it('does not come back when a token is asked for while it is signed out', async () => {
    await restore(table, saved)
    const real: Real = { table, clock: { now: startedAt }, cookies: new Map() }
    const dependencies = dependenciesIn(real)
    const given = { username: 'dana', password: passwordOf(0) }
    const { cookie } = await signIn(dependencies, given, { cookies: [], userAgent: '' }, origin)
    const cookies = [cookie.split(';')[0] ?? '']
    real.clock.now += 10 * minute * 1000
    const write: typeof dependencies.write = async (writes) => {
      await signOut(dependencies, cookies, origin)
      return await dependencies.write(writes)
    }
    expect(await refusalCode(renewToken({ ...dependencies, write }, cookies, origin))).toBe(
      'invalid_credentials',
    )
    expect((await allItems(table)).filter(({ sk }) => String(sk).startsWith('CONSOLE#'))).toEqual([])
  })
})
