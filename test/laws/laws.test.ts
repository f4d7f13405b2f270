import { describe, expect, it } from 'vitest'
import type { Answer } from './answer.ts'
import { worldAfter } from './apply.ts'
import { broken } from './laws.ts'
import { contradiction } from './observation.ts'
import type { Operation } from './operation.ts'
import { sampleWorld, token } from './sample-world.ts'
import type { MembershipStatus, World } from './world.ts'
import { noGrants } from './world.ts'

/** A law that cannot be broken proves nothing: each is shown a step that it must not let through, and one that it must. */

const answer = (status: number, body: unknown = {}): Answer => ({ status, body, headers: {} })
const yes = answer(200)
const madeToken = answer(201, { credential: { keyId: 'new', kind: 'token' } })

const judged = (
  callerId: string | null,
  operation: Operation,
  answered: Answer = yes,
  prepare: (world: World) => void = () => {},
): string[] => {
  const before = sampleWorld()
  prepare(before)
  const caller = callerId === null ? null : (before.proofs[callerId] ?? null)
  const after = worldAfter(before, caller, operation, answered)
  return broken({ before, caller, aid: null, operation, answer: answered, after, isRace: false })
}
const lawsOf = (sentences: readonly string[]): string[] => sentences.map((text) => text.split(':')[0] ?? '')

const permit = (userId: string, level: 'read' | 'write' | 'deny'): Operation => ({
  kind: 'change-user',
  userId,
  fields: { permissions: [{ text: 'shop/north', api: 'shop', section: 'north', level }] },
  rehearse: false,
})
const change = (
  userId: string,
  fields: Extract<Operation, { kind: 'change-user' }>['fields'],
): Operation => ({ kind: 'change-user', userId, fields, rehearse: false })
const makeKey = (userId: string): Operation => ({ kind: 'create-credential', userId, credential: 'token' })

describe('the laws', () => {
  it('No gain: nobody gives what they do not hold', () => {
    expect(judged('admin-token', permit('plain', 'write'))).toEqual([])
    expect(lawsOf(judged('manager-token', permit('plain', 'write')))).toEqual(['No gain'])
    expect(judged('manager-token', permit('plain', 'write'), answer(403))).toEqual([])
  })

  it('No gain: a section that grows gives to everybody who holds it, in other organizations too', () => {
    const grow: Operation = {
      kind: 'replace-section',
      api: 'shop',
      name: 'north',
      entries: [{ pattern: 'GET /*', level: 'read' }],
    }
    expect(judged('admin-token', grow)).toEqual([])
    expect(lawsOf(judged('manager-token', grow))).toEqual(['No gain'])
  })

  it('No gain: to share is to give', () => {
    const share: Operation = {
      kind: 'share',
      api: 'shop',
      organizationId: 'two',
      entitlement: { everySection: null, sections: { north: 'write' } },
    }
    expect(judged('admin-token', share)).toEqual([])
    expect(lawsOf(judged('manager-token', share))).toEqual(['No gain'])
  })

  it('No gain: to confirm, and to enable again, is to give', () => {
    const suspends = (world: World) => {
      const one = world.users['guest']?.memberships['one']
      if (one !== undefined) one.status = 'suspended'
    }
    const confirm: Operation = { kind: 'confirm', userId: 'guest' }
    expect(judged('admin-token', confirm, yes, suspends)).toEqual([])
    expect(lawsOf(judged('manager-token', confirm, yes, suspends))).toEqual(['No gain'])
  })

  it('No takeover: credentials and e-mail of whoever holds more', () => {
    expect(judged('admin-token', makeKey('plain'), madeToken)).toEqual([])
    expect(lawsOf(judged('manager-token', makeKey('plain'), madeToken))).toEqual(['No takeover'])
    const mail = change('plain', { email: 'mine@laws.example' })
    expect(lawsOf(judged('manager-token', mail))).toEqual(['No takeover'])
  })

  it('No takeover: memberships elsewhere are suspended, and nobody but their organization confirms them', () => {
    expect(judged('other-token', makeKey('guest'), madeToken)).toEqual([])
    const before = sampleWorld()
    const caller = before.proofs['other-token'] ?? null
    const after = worldAfter(before, caller, makeKey('guest'), madeToken)
    expect(after.users['guest']?.memberships['one']?.status).toBe('suspended')
    const active = structuredClone(after)
    const one = active.users['guest']?.memberships['one']
    if (one !== undefined) one.status = 'guest'
    const step = { before, caller, aid: null, operation: makeKey('guest'), answer: madeToken, isRace: false }
    expect(lawsOf(broken({ ...step, after: active }))).toEqual(['No takeover'])
  })

  it('No takeover: to give impersonation is to give everybody whom it reaches', () => {
    const give = change('in-group', { impersonation: 'full' })
    expect(judged('admin-token', give)).toEqual([])
    expect(lawsOf(judged('manager-token', give))).toEqual(['No takeover'])
    expect(lawsOf(judged('manager-token', makeKey('actor'), madeToken))).toEqual(['No takeover'])
  })

  it('No takeover: so is to give a role with impersonation, or to put it into a role that somebody has', () => {
    const impersonation = 'full' as const
    const withRole = (acts: 'none' | 'full', holder: string | null) => (world: World) => {
      world.roles['one/1234'] = { ...noGrants, acts: { impersonation: acts, targets: [] } }
      world.users[holder ?? '']?.memberships['one']?.roles.push({ roleId: 1234, aid: null })
    }
    const give = change('in-group', { roles: [1234] })
    expect(judged('admin-token', give, yes, withRole('full', null))).toEqual([])
    expect(judged('manager-token', give, yes, withRole('none', null))).toEqual([])
    expect(lawsOf(judged('manager-token', give, yes, withRole('full', null)))).toEqual(['No takeover'])
    const put: Operation = { kind: 'change-role', roleId: 1234, gives: { impersonation } }
    expect(judged('admin-token', put, yes, withRole('none', 'in-group'))).toEqual([])
    expect(lawsOf(judged('manager-token', put, yes, withRole('none', 'in-group')))).toContain('No takeover')
    expect(judged('admin-token', put, yes, withRole('none', null))).toEqual([])
  })

  it('Walls: nobody changes, reads or claims what belongs to another', () => {
    const disable = change('plain', { status: 'disabled' })
    expect(lawsOf(judged('other-token', disable))).toContain('Walls')
    expect(lawsOf(judged('other-token', { kind: 'delete-api', api: 'shop' }))).toContain('Walls')
    expect(lawsOf(judged('other-token', { kind: 'look', what: 'user', id: 'plain' }))).toEqual(['Walls'])
    expect(judged('admin-token', { kind: 'look', what: 'user', id: 'guest' })).toEqual([])
    const bind = (basePath: string): Operation => ({
      kind: 'bind',
      api: 'shop',
      gatewayId: 'gw1',
      stage: '$default',
      basePath,
    })
    expect(judged('admin-token', bind('/'))).toEqual([])
    expect(lawsOf(judged('admin-token', bind('/shop')))).toEqual(['Walls'])
    expect(lawsOf(judged('manager-token', bind('/')))).toEqual(['Walls'])
    expect(lawsOf(judged('other-token', bind('/')))).toContain('Walls')
  })

  it('Always down: taking, revoking its own, leaving', () => {
    const nothing = change('plain', { permissions: [], endpoints: [], roles: [] })
    expect(lawsOf(judged('manager-token', nothing, answer(403)))).toEqual(['Always down'])
    expect(judged('plain-token', nothing, answer(403))).toEqual([])
    const own: Operation = { kind: 'delete-own-credential', keyId: 'plain-token' }
    expect(lawsOf(judged('plain-token', own, answer(403)))).toEqual(['Always down'])
    const leave: Operation = { kind: 'leave', organizationId: 'one' }
    expect(lawsOf(judged('guest-token', leave, answer(403)))).toEqual(['Always down'])
    expect(judged('guest-token', leave, answer(204))).toEqual([])
    // The last credential of the last administrator: Somebody home comes first.
    const last: Operation = { kind: 'delete-own-credential', keyId: 'admin-token' }
    expect(judged('admin-token', last, answer(409))).toEqual([])
  })

  it('No way back: what has ended does nothing', () => {
    const ended = (world: World) => {
      const proof = world.proofs['admin-token']
      if (proof !== undefined) proof.state = 'ended'
    }
    expect(lawsOf(judged('admin-token', permit('plain', 'read'), yes, ended))).toContain('No way back')
    const anew = (world: World) => {
      const one = world.users['admin']?.memberships['one']
      if (one !== undefined) one.number = 1
    }
    expect(lawsOf(judged('admin-token', permit('plain', 'read'), yes, anew))).toContain('No way back')
  })

  it('Somebody home: the last administrator stays', () => {
    expect(lawsOf(judged('admin-token', change('admin', { status: 'disabled' })))).toContain('Somebody home')
    const last: Operation = { kind: 'delete-own-credential', keyId: 'admin-token' }
    expect(lawsOf(judged('admin-token', last, answer(204)))).toEqual(['Somebody home'])
  })

  it('Scope: management in one account group reaches nobody outside, and nothing organization-wide', () => {
    const take = (userId: string) => change(userId, { permissions: [] })
    expect(judged('group-manager-token', take('in-group'))).toEqual([])
    const outside = (world: World) => {
      const one = world.users['in-group']?.memberships['one']
      if (one !== undefined) one.roles = [{ roleId: 3, aid: null }]
    }
    expect(lawsOf(judged('group-manager-token', take('in-group'), yes, outside))).toEqual(['Scope'])
    const group: Operation = { kind: 'create-group', name: 'mine' }
    expect(lawsOf(judged('group-manager-token', group, answer(201)))).toEqual(['Scope'])
  })

  it('Acting: only those at home who manage nothing, and no management', () => {
    const actAs = (userId: string): Operation => ({ kind: 'act-as', userId, named: userId })
    expect(judged('actor-token', actAs('plain'))).toEqual([])
    for (const userId of ['manager', 'group-manager', 'admin', 'guest', 'other-plain', 'actor'])
      expect(lawsOf(judged('actor-token', actAs(userId)))).toEqual(['Acting'])
    expect(lawsOf(judged('plain-token', actAs('in-group')))).toEqual(['Acting'])
    const session = (world: World) => {
      const plain = world.users['plain']
      if (plain !== undefined)
        world.proofs['s'] = { ...token(plain), proofId: 's', kind: 'session', actorId: 'actor' }
    }
    const choose: Operation = { kind: 'choose-group', aid: null }
    expect(lawsOf(judged('s', choose, yes, session))).toEqual(['Acting'])
  })

  it('Deciding alike: a call passes only with its right, and a dry run says the same', () => {
    expect(lawsOf(judged('plain-token', { kind: 'create-group', name: 'x' }, answer(201)))).toEqual([
      'Deciding alike',
    ])
    const dry = { ...answer(403), rehearsed: 200 }
    expect(lawsOf(judged('manager-token', permit('plain', 'write'), dry))).toEqual(['Deciding alike'])
  })

  it('Rights only add up: deny is refused where a role grants the section all the same', () => {
    expect(judged('admin-token', permit('plain', 'deny'))).toEqual([])
    expect(lawsOf(judged('admin-token', permit('in-group', 'deny')))).toEqual(['Rights only add up'])
  })
})

describe('what the system shows', () => {
  const request = { door: { gatewayId: 'gw1', stage: '$default' }, method: 'GET', path: '/shop/a' }
  const seen = (proofId: string, passed: boolean, context: Record<string, string> = {}) =>
    contradiction(sampleWorld(), {
      at: 'gateway',
      proofId,
      request,
      passed,
      code: passed ? null : 'access_denied',
      context,
    })

  it('is held against the union of grants within the entitlement', () => {
    const context = { userId: 'plain', organizationId: 'one' }
    expect(seen('plain-token', true, context)).toBeNull()
    expect(seen('plain-token', false)).toContain('the model says pass')
    expect(seen('manager-token', true)).toContain('the model says refuse')
    expect(seen('plain-token', true, { ...context, actorId: 'actor' })).toContain('Acting')
  })

  it('is of a list each user in reach once: those without an invitation that is open must be there, and nobody else may', () => {
    const members = (world: World, organizationId: string) =>
      Object.values(world.users)
        .filter(({ memberships }) => memberships[organizationId] !== undefined)
        .map(({ userId }) => userId)
    const all = members(sampleWorld(), 'one')
    const listed = (shown: readonly string[], proofId = 'admin-token', status?: MembershipStatus) => {
      const world = sampleWorld()
      const guest = world.users['guest']?.memberships['one']
      if (guest !== undefined && status !== undefined) Object.assign(guest, { status })
      return contradiction(world, { at: 'list', proofId, shown })
    }
    expect(listed(all)).toBeNull()
    expect(listed([...all, 'plain'])).toContain('shows plain twice')
    expect(listed([...all, 'other'])).toContain('shows other, whom it does not reach')
    const withoutGuest = all.filter((userId) => userId !== 'guest')
    expect(listed(withoutGuest)).toContain('guest')
    for (const status of ['invited', 'uninvited'] as const)
      for (const shown of [all, withoutGuest]) expect(listed(shown, 'admin-token', status)).toBeNull()
    for (const status of ['guest', 'suspended'] as const)
      expect(listed(withoutGuest, 'admin-token', status)).toContain('guest')
    const inGroup = ['group-manager', 'in-group']
    expect(listed(inGroup, 'group-manager-token')).toBeNull()
    expect(listed([...inGroup, 'plain'], 'group-manager-token')).toContain('whom it does not reach')
  })
})
