import { setImmediate as nextTurn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect } from 'vitest'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import type { Session } from '../../lib/admission/identify.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import type { OrganizationSnapshot, OwnSnapshot, SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import { actingEpochOf } from '../../lib/identity/manages.ts'
import { epochOf } from '../../lib/identity/member.ts'
import type { StoredCredential } from '../../lib/identity/stored-credential.ts'
import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../../lib/identity/stored-organization.ts'
import type { StoredUser } from '../../lib/identity/stored-user.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import {
  apiWith,
  credentialOf,
  memberWith,
  organizationId,
  organizationWith,
  policyWith,
} from '../functions/stored-scene.ts'
import { holdsForSeeds } from './seeds.ts'

/**
 * The ages of what a decision is made from (docs/access.md). Requests and changes are mixed at random, and each item of a read comes from
 * a moment of its own between the beginning and the end of the read. The oracle knows all versions of all items, but neither reads nor
 * caches: an answer must be that of some versions that the laws allow together.
 */

const cacheSeconds = 5
const start = 1_795_251_600_000

/** The versions of one stored item. Each is there until the next one. */
type Version<T> = { readonly from: number; until: number; readonly value: T }
class Item<T> {
  readonly versions: Version<T>[]
  constructor(value: T) {
    this.versions = [{ from: 0, until: Number.POSITIVE_INFINITY, value }]
  }
  get now(): T {
    return (this.versions.at(-1) as Version<T>).value
  }
  change(value: T, at: number): void {
    ;(this.versions.at(-1) as Version<T>).until = at
    this.versions.push({ from: at, until: Number.POSITIVE_INFINITY, value })
  }
  /** Those that were there at some time after `after` and not after `to`. */
  between(after: number, to: number): Version<T>[] {
    return this.versions.filter(({ from, until }) => from <= to && until > after)
  }
}

type Who = 'actor' | 'target'
const member = { actor: memberWith(1), target: memberWith(2) }
const token = { actor: credentialOf(member.actor), target: credentialOf(member.target) }
const shop = apiWith(1, 'shop')
const grant = { [`${shop.apiId}/orders`]: 'read' as const }
type StoredRole = StoredAccessPolicy['roles'][number]
const role = (roleId: number, change: Partial<StoredRole> = {}): StoredRole => ({
  roleId,
  name: `role ${roleId}`,
  permissions: grant,
  endpoints: [],
  everySection: [],
  impersonation: 'none',
  impersonationTargets: [],
  impersonationEpoch: 0,
  version: 1,
  ...change,
})
const listing = (endpoint: string): StoredApi => ({
  ...shop,
  sections: [{ name: 'orders', title: '', endpoints: [{ endpoint, level: 'read' }], version: 1 }],
})

type Step =
  | { readonly kind: 'ask'; readonly who: Who | 'session' }
  /** A read under way takes one more of its items, or ends. */
  | { readonly kind: 'read'; readonly which: number }
  | { readonly kind: 'end reads' }
  | { readonly kind: 'advance'; readonly milliseconds: number }
  | { readonly kind: 'change'; readonly what: Change; readonly who: Who; readonly which: number }
const changes = [
  'organization',
  'user',
  'credential',
  'expiry',
  'api',
  'new role for',
  'take roles of',
  'delete role',
  'strip role',
  'impersonation of role',
  'session',
  'right to act and session',
] as const
type Change = (typeof changes)[number]

const who = fc.constantFrom<Who>('actor', 'target')
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('ask' as const),
        who: fc.constantFrom('actor' as const, 'target' as const, 'session' as const),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('read' as const), which: fc.nat(5) }) },
    { weight: 5, arbitrary: fc.constant({ kind: 'end reads' as const }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('advance' as const),
        milliseconds: fc.integer({ min: 1, max: 4500 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('change' as const),
        what: fc.constantFrom(...changes),
        who,
        which: fc.nat(3),
      }),
    },
  ),
  { minLength: 20, maxLength: 150 },
)

/** A session in which the actor acts as the target, and the numbers at its start that must still be the same. */
type Issued = { readonly text: string; readonly session: Session; readonly counted: readonly number[] }

type Versions = {
  readonly organization: Version<StoredOrganization>
  readonly policy: Version<StoredAccessPolicy>
  readonly api: Version<StoredApi>
  readonly user: Version<StoredUser>
  readonly membership: Version<StoredMembership>
  readonly credential: Version<StoredCredential> | null
  readonly actor: {
    readonly user: Version<StoredUser>
    readonly membership: Version<StoredMembership>
  } | null
}

const rolesHeld = ({ membership, policy }: Pick<Versions, 'membership' | 'policy'>): StoredRole[] =>
  policy.value.roles.filter(({ roleId }) => membership.value.allAccountGroupRoles.includes(roleId))
const changesOf = (roles: readonly StoredRole[]): number =>
  roles.reduce((sum, { impersonationEpoch }) => sum + impersonationEpoch, 0)

/** What the request must be answered with these versions. */
const naive = (versions: Versions, issued: Issued | null, at: number): string => {
  const { organization, policy, api, user, membership, credential, actor } = versions
  if (credential !== null) {
    if (credential.value.status === 'disabled') return 'credential_disabled'
    const { expiresAt } = credential.value
    if (expiresAt !== null && Date.parse(expiresAt) <= at) return 'credential_expired'
  }
  if (issued !== null && actor !== null) {
    const [ofUser, ofMembership, ofActor, ofActorsMembership, ofRoles] = issued.counted
    if (user.value.epoch !== ofUser || membership.value.epoch !== ofMembership) return 'session_superseded'
    const actorsRoles = rolesHeld({ membership: actor.membership, policy })
    const isSame =
      actor.user.value.epoch === ofActor &&
      actor.membership.value.epoch === ofActorsMembership &&
      changesOf(actorsRoles) === ofRoles
    const isManager = rolesHeld({ membership, policy }).some(({ impersonation }) => impersonation !== 'none')
    const mayAct = actorsRoles.some(({ impersonation }) => impersonation === 'full')
    if (actor.user.value.status !== 'active' || !isSame || !mayAct || isManager) return 'actor_refused'
  }
  if (user.value.status !== 'active') return 'user_disabled'
  if (organization.value.status !== 'active') return 'organization_inactive'
  const isListed = api.value.sections[0]?.endpoints[0]?.endpoint === 'GET /orders'
  const isGranted = rolesHeld({ membership, policy }).some(
    ({ permissions }) => 'orders' in named(permissions),
  )
  return isListed && isGranted ? 'allowed' : 'permission_not_granted'
}
const named = (permissions: StoredRole['permissions']): Record<string, unknown> =>
  Object.fromEntries(Object.entries(permissions).map(([key, level]) => [key.split('/')[1] ?? key, level]))

class Container {
  clock = start
  readonly organization = new Item(organizationWith())
  readonly policy = new Item(
    policyWith([shop], { roles: [role(1000), role(1001, { impersonation: 'full' })] }),
  )
  readonly api = new Item(listing('GET /orders'))
  readonly user = { actor: new Item(member.actor.user), target: new Item(member.target.user) }
  readonly membership = {
    actor: new Item({ ...member.actor.membership, allAccountGroupRoles: [1000, 1001] }),
    target: new Item({ ...member.target.membership, allAccountGroupRoles: [1000] }),
  }
  readonly credential = { actor: new Item(token.actor.credential), target: new Item(token.target.credential) }
  issued: Issued[] = []
  readonly asked = new Set<string>()
  reads = 0
  readonly pending: (() => void)[] = []
  readonly underWay = new Set<Promise<void>>()

  readonly story: string[]

  constructor(story: string[]) {
    this.story = story
    this.change('session', 'actor', 0)
  }

  /** Every other read takes all items as they are now, and the rest one after the other, each as it is when its turn comes. */
  read<T extends readonly unknown[]>(items: { readonly [K in keyof T]: Item<T[K]> }): Promise<T> {
    return new Promise((resolve) => {
      this.reads += 1
      const taken: unknown[] = this.reads % 2 === 0 ? items.map((item) => item.now) : []
      const go = (): void => {
        const next = items[taken.length]
        if (next === undefined) {
          resolve(taken as unknown as T)
          return
        }
        taken.push(next.now)
        this.pending.push(go)
      }
      this.pending.push(go)
    })
  }

  async own({ userId, keyId, actor }: SnapshotKeys): Promise<OwnSnapshot> {
    const of = userId === member.actor.user.userId ? 'actor' : 'target'
    const [membership, user, credential, actorsMembership, actorsUser] = await this.read([
      this.membership[of],
      this.user[of],
      this.credential[of],
      this.membership.actor,
      this.user.actor,
    ])
    return {
      user,
      membership,
      credential: keyId === null ? null : credential,
      loggedOut: false,
      actor: actor && { user: actorsUser, membership: actorsMembership, credential: null },
    }
  }

  async organizationItems(): Promise<OrganizationSnapshot> {
    const [policy, organization] = await this.read([this.policy, this.organization])
    return { policy, organization }
  }

  readonly authorize = makeAuthorizer(
    {
      snapshots: {
        own: (wanted) => this.own(wanted),
        organization: () => this.organizationItems(),
        together: (wanted) => ({ own: this.own(wanted), organization: this.organizationItems() }),
      },
      verifySession: (text) => {
        const session = this.issued.find((one) => one.text === text)?.session
        return Promise.resolve(session ? { ok: true, session } : { ok: false, reason: 'session_invalid' })
      },
      findImported: () => Promise.resolve(null),
      findEndpoint: makeEndpointFinder(
        {
          readBindings: () =>
            Promise.resolve([
              { bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/', apiId: shop.apiId },
            ]),
          readApi: async () => protectedApiOf((await this.read([this.api]))[0]),
          readDefaultApiId: () => Promise.resolve(undefined),
          now: () => this.clock,
        },
        { cacheSeconds },
      ),
      prepareRanges: prepareNoRanges,
      prepareRateLimit: () => Promise.resolve(uncounted),
      now: () => this.clock,
      noteUse: () => Promise.resolve(),
    },
    { cacheSeconds },
  )

  change(what: Change, of: Who, which: number): void {
    const { clock, organization, policy, api, user, membership, credential } = this
    const { roles } = policy.now
    const chosen = roles[which % Math.max(1, roles.length)]
    const withRole = (changed: readonly StoredRole[]): void =>
      policy.change({ ...policy.now, roles: [...changed], version: policy.now.version + 1 }, clock)
    const withRoles = (allAccountGroupRoles: number[]): void => {
      const epoch = membership[of].now.epoch + 1
      membership[of].change({ ...membership[of].now, allAccountGroupRoles, epoch }, clock)
    }
    const made: Readonly<Record<Change, () => void>> = {
      organization: () => {
        const status = which === 0 ? 'inactive' : 'active'
        organization.change({ ...organization.now, status }, clock)
      },
      user: () => {
        const status = which === 0 ? 'disabled' : 'active'
        user[of].change({ ...user[of].now, status, epoch: user[of].now.epoch + 1 }, clock)
      },
      credential: () => {
        const status = which === 0 ? 'disabled' : 'active'
        credential[of].change({ ...credential[of].now, status }, clock)
      },
      expiry: () => {
        const expiresAt = which === 0 ? new Date(clock + 2000).toISOString() : null
        credential[of].change({ ...credential[of].now, expiresAt }, clock)
      },
      api: () => api.change(listing(which === 0 ? 'GET /stock' : 'GET /orders'), clock),
      // In one step after the other, as an administrator does it.
      'new role for': () => {
        const roleId = policy.now.nextNumber + roles.length + policy.versions.length
        withRole([...roles, role(roleId, which === 0 ? { impersonation: 'full' } : {})])
        this.clock += 1
        const epoch = membership[of].now.epoch + 1
        const allAccountGroupRoles = [roleId]
        membership[of].change({ ...membership[of].now, allAccountGroupRoles, epoch }, this.clock)
      },
      'take roles of': () => withRoles([]),
      'delete role': () => withRole(roles.filter((one) => one !== chosen)),
      'strip role': () => withRole(roles.map((one) => (one === chosen ? { ...one, permissions: {} } : one))),
      'impersonation of role': () =>
        withRole(
          roles.map((one) => {
            const impersonation = one.impersonation === 'none' ? 'full' : 'none'
            const impersonationEpoch = one.impersonationEpoch + 1
            return one === chosen ? { ...one, impersonation, impersonationEpoch } : one
          }),
        ),
      // The roles of the actor change and stay the same otherwise, so that its older sessions end.
      'right to act and session': () =>
        withRole(
          roles.map((one) => {
            const isHeld = membership.actor.now.allAccountGroupRoles.includes(one.roleId)
            const impersonationEpoch = one.impersonationEpoch + 2
            return isHeld ? { ...one, impersonation: 'full', impersonationEpoch } : one
          }),
        ),
      session: () => {
        const text = `a.session.${this.issued.length}`
        const acting = { user: user.actor.now, membership: membership.actor.now }
        const target = { user: user.target.now, membership: membership.target.now }
        const session: Session = {
          userId: target.user.userId,
          organizationId,
          sessionId: 'ses_00000000000000000001',
          keyId: null,
          audience: null,
          epoch: epochOf(target),
          actor: { userId: acting.user.userId, keyId: null, epoch: actingEpochOf(acting, policy.now) },
          expiresAt: start + 3_600_000,
        }
        const held = roles.filter(({ roleId }) => acting.membership.allAccountGroupRoles.includes(roleId))
        const counted = [target.user, target.membership, acting.user, acting.membership].map(
          ({ epoch }) => epoch,
        )
        this.issued.push({ text, session, counted: [...counted, changesOf(held)] })
      },
    }
    made[what]()
    if (what === 'right to act and session') {
      this.clock += 1
      this.change('session', of, which)
    }
    this.story.push(`${this.clock - start}: ${what} ${of} ${which}`)
  }

  async ask(of: Who | 'session'): Promise<void> {
    const issued = of === 'session' ? (this.issued.at(-1) ?? null) : null
    const text = of === 'session' ? (issued?.text ?? '') : token[of].token
    const isFirst = !this.asked.has(text)
    this.asked.add(text)
    const from = this.clock
    this.story.push(`${from - start}: ask ${of}${isFirst ? ' for the first time' : ''}`)
    const verdict = await this.authorize(`Bearer ${text}`, {
      address: '203.0.113.7',
      gateway: {
        gatewayId: 'gw1',
        stage: '$default',
        method: 'GET',
        path: '/orders',
        route: '$default',
        isCustomDomain: false,
      },
    })
    const answer = verdict.allow ? 'allowed' : verdict.reason
    this.story.push(`${this.clock - start}: what was asked at ${from - start} is ${answer}`)
    const allowed = this.allowed(of, issued, { from, to: this.clock, isFirst, answer })
    expect(allowed, this.story.join('\n')).toContain(answer)
  }

  /** The answers of all versions that may be seen together. */
  allowed(
    of: Who | 'session',
    issued: Issued | null,
    { from, to, isFirst, answer }: { from: number; to: number; isFirst: boolean; answer: string },
  ): Set<string> {
    const old = from - cacheSeconds * 1000
    const ownAfter = isFirst ? from - 1 : old
    // An acting session that was never seen is not refused for what the policy said before.
    const policyAfter = isFirst && answer === 'actor_refused' ? from - 1 : old
    const self = of === 'session' ? 'target' : of
    const answers = new Set<string>()
    const actors = of === 'session' ? this.membership.actor.between(ownAfter, to) : [null]
    for (const organization of this.organization.between(old, to))
      for (const policy of this.policy.between(policyAfter, to))
        for (const api of this.api.between(old, to))
          for (const user of this.user[self].between(ownAfter, to))
            for (const membership of this.membership[self].between(ownAfter, to)) {
              if (isTooOld(policy, membership)) continue
              for (const credential of of === 'session' ? [null] : this.credential[of].between(ownAfter, to))
                for (const actorsMembership of actors)
                  for (const actorsUser of actorsMembership
                    ? this.user.actor.between(ownAfter, to)
                    : [null]) {
                    const actor = actorsMembership &&
                      actorsUser && { membership: actorsMembership, user: actorsUser }
                    const seen = { organization, policy, api, user, membership, credential, actor }
                    for (const at of [from, to]) answers.add(naive(seen, issued, at))
                  }
            }
    return answers
  }

  async run(step: Step): Promise<void> {
    this.clock += 1
    if (step.kind === 'advance') this.clock += step.milliseconds
    if (step.kind === 'change') this.change(step.what, step.who, step.which)
    if (step.kind === 'ask') {
      const answered = this.ask(step.who)
      this.underWay.add(answered)
      answered.then(
        () => this.underWay.delete(answered),
        () => undefined,
      )
    }
    if (step.kind === 'read') this.pending.splice(step.which % Math.max(1, this.pending.length), 1)[0]?.()
    await nextTurn()
    if (step.kind === 'end reads') await this.endReads()
  }

  async endReads(): Promise<void> {
    while (this.pending.length > 0) {
      for (const go of this.pending.splice(0)) go()
      await nextTurn()
    }
  }
}

/** A policy that had been replaced when the membership came to name a role is not seen with it, if the role is not in it. */
const isTooOld = (policy: Version<StoredAccessPolicy>, membership: Version<StoredMembership>): boolean =>
  policy.until <= membership.from &&
  membership.value.allAccountGroupRoles.some(
    (roleId) => !policy.value.roles.some((known) => known.roleId === roleId),
  )

describe('an answer of the authorizer', () => {
  holdsForSeeds('is that of versions of the items that may be seen together', 100, () => ({
    input: [steps],
    holds: async (story, drawn) => {
      const container = new Container(story)
      for (const step of drawn) await container.run(step)
      await container.endReads()
      await Promise.all(container.underWay)
    },
  }))
})
