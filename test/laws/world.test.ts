import { describe, expect, it } from 'vitest'
import { expected, expectedAtPostern } from './decide.ts'
import { matches, mayActAs } from './rights.ts'
import { granting, membership, sampleWorld, token } from './sample-world.ts'
import type { DoorRequest, Proof, World } from './world.ts'
import { noGrants } from './world.ts'

const at = (gatewayId: string, text: string, stage = '$default'): DoorRequest => {
  const [method = '', path = ''] = text.split(' ')
  return { door: { gatewayId, stage }, method, path }
}
const shopRead = at('gw1', 'GET /shop/a')
const shopWrite = at('gw1', 'POST /shop/a')

const worldWith = (change: (world: World) => void): World => {
  const world = sampleWorld()
  change(world)
  return world
}
const userIn = (world: World, userId: string) => {
  const user = world.users[userId]
  if (user === undefined) throw new Error(`there is no ${userId}`)
  return user
}
const addProof = (world: World, proof: Proof): void => {
  world.proofs[proof.proofId] = proof
}

describe('the oracle', () => {
  it.each([
    ['GET /a', 'GET', '/a', true],
    ['GET /a', 'POST', '/a', false],
    ['GET /a', 'GET', '/a/b', false],
    ['* /a', 'POST', '/a', true],
    ['GET /a/*', 'GET', '/a/b', true],
    ['GET /a/*', 'GET', '/a', false],
    ['GET /{x}', 'GET', '/b', true],
    ['GET /{x}', 'GET', '/b/a', false],
    ['* /{x}/b', 'GET', '/a/b', true],
    ['* /*', 'POST', '/shop/a/b', true],
  ])('matches %s against %s %s: %s', (pattern, method, path, answer) => {
    expect(matches(pattern, { method, path })).toBe(answer)
  })

  it('adds rights up, by section and level', () => {
    expect(expected(sampleWorld(), 'plain-token', shopRead)).toBe('pass')
    expect(expected(sampleWorld(), 'plain-token', shopWrite)).toBe('refuse')
    expect(expected(sampleWorld(), 'manager-token', shopRead)).toBe('refuse')
    expect(expected(sampleWorld(), 'admin-token', shopWrite)).toBe('pass')
  })

  it('gives an unregistered gateway to the first organization and nobody else', () => {
    expect(expected(sampleWorld(), 'admin-token', at('gw3', 'GET /b'))).toBe('pass')
    expect(expected(sampleWorld(), 'other-token', at('gw3', 'GET /b'))).toBe('refuse')
  })

  it('closes the rest of a gateway of which anything was ever bound', () => {
    expect(expected(sampleWorld(), 'admin-token', at('gw1', 'GET /b'))).toBe('refuse')
    expect(expected(sampleWorld(), 'other-token', at('gw1', 'GET /b'))).toBe('refuse')
  })

  it('lets the other organization pass within the entitlement and no further, administrators included', () => {
    expect(expected(sampleWorld(), 'other-token', shopRead)).toBe('pass')
    expect(expected(sampleWorld(), 'other-token', shopWrite)).toBe('refuse')
    const all = worldWith((world) => {
      const { two } = userIn(world, 'other-plain').memberships
      if (two !== undefined) two.own = granting({ endpoints: [{ api: 'shop', pattern: '* /*' }] })
    })
    expect(expected(all, 'other-plain-token', shopRead)).toBe('pass')
    expect(expected(all, 'other-plain-token', shopWrite)).toBe('refuse')
    expect(expected(all, 'other-plain-token', at('gw1', 'GET /shop/b'))).toBe('refuse')
  })

  it('counts roles of the login account group only', () => {
    expect(expected(sampleWorld(), 'in-group-token', shopRead)).toBe('pass')
    const moved = worldWith((world) => {
      const { one } = userIn(world, 'in-group').memberships
      if (one !== undefined) one.loginGroup = null
    })
    expect(expected(moved, 'in-group-token', shopRead)).toBe('refuse')
  })

  it('lets nobody pass whose membership is invited, suspended, disabled, or was created again', () => {
    const guest = (world: World) =>
      addProof(world, { ...token(userIn(world, 'guest'), 'one'), proofId: 'session', kind: 'session' })
    expect(expected(worldWith(guest), 'session', shopRead)).toBe('pass')
    for (const change of [
      { status: 'invited' as const },
      { status: 'suspended' as const },
      { disabled: true },
      { number: 1 },
    ]) {
      const changed = worldWith((world) => {
        guest(world)
        const { one } = userIn(world, 'guest').memberships
        if (one !== undefined)
          userIn(world, 'guest').memberships['one'] = membership('guest', { ...one, ...change })
      })
      expect(expected(changed, 'session', shopRead)).toBe('refuse')
    }
  })

  it('lets a session for Postern pass at own APIs only, and one for an API only there', () => {
    const session = (userId: string, audience: string | null) =>
      worldWith((world) =>
        addProof(world, {
          ...token(userIn(world, userId)),
          proofId: 's',
          kind: 'session',
          audience: audience === null ? null : { apiId: audience, uri: `https://${audience}.example` },
        }),
      )
    expect(expected(session('plain', null), 's', shopRead)).toBe('pass')
    expect(expected(session('other-plain', null), 's', shopRead)).toBe('refuse')
    expect(expected(session('other-plain', 'shop'), 's', shopRead)).toBe('pass')
    expect(expected(session('admin', 'shop'), 's', at('gw3', 'GET /a'))).toBe('refuse')
    const reading = { section: 'postern-users', level: 'read' as const, aid: null }
    expect(expectedAtPostern(session('admin', null), 's', reading)).toBe('pass')
    expect(expectedAtPostern(session('admin', 'shop'), 's', reading)).toBe('refuse')
  })

  it('lets actors be those who manage nothing, and never manage', () => {
    expect(mayActAs(sampleWorld(), 'actor', 'plain')).toBe(true)
    expect(mayActAs(sampleWorld(), 'actor', 'manager')).toBe(false)
    expect(mayActAs(sampleWorld(), 'actor', 'group-manager')).toBe(false)
    expect(mayActAs(sampleWorld(), 'actor', 'guest')).toBe(false)
    const asPlain = (change: (world: World) => void) =>
      worldWith((world) => {
        addProof(world, {
          ...token(userIn(world, 'plain')),
          proofId: 's',
          kind: 'session',
          actorId: 'actor',
        })
        change(world)
      })
    expect(
      expected(
        asPlain(() => {}),
        's',
        shopRead,
      ),
    ).toBe('pass')
    const stopped = asPlain((world) => {
      const { one } = userIn(world, 'actor').memberships
      if (one !== undefined) one.impersonation = 'none'
    })
    expect(expected(stopped, 's', shopRead)).toBe('refuse')
    const own = { section: 'postern-users', level: 'read' as const, aid: null }
    expect(
      expectedAtPostern(
        asPlain(() => {}),
        's',
        own,
      ),
    ).toBe('refuse')
  })

  it('lets the holders of a role act as that says, where they have it for all account groups', () => {
    const acting = (targets: string[], aid: number | null, actor = 'in-group') =>
      worldWith((world) => {
        const impersonation = targets.length === 0 ? 'full' : 'selected'
        world.roles['one/1234'] = { ...noGrants, acts: { impersonation, targets } }
        userIn(world, actor).memberships['one']?.roles.push({ roleId: 1234, aid })
      })
    expect(mayActAs(sampleWorld(), 'in-group', 'plain')).toBe(false)
    expect(mayActAs(acting([], null), 'in-group', 'plain')).toBe(true)
    expect(mayActAs(acting(['plain'], null), 'in-group', 'plain')).toBe(true)
    expect(mayActAs(acting(['nobody'], null), 'in-group', 'plain')).toBe(false)
    expect(mayActAs(acting([], 5), 'in-group', 'plain')).toBe(false)
    expect(mayActAs(acting([], null), 'in-group', 'manager')).toBe(false)
    // Nobody acts as one who acts, or has the role in any account group.
    for (const aid of [null, 5]) expect(mayActAs(acting([], aid, 'plain'), 'actor', 'plain')).toBe(false)
  })

  it('is sure of management for all account groups, and not of management in one', () => {
    const users = { section: 'postern-users', level: 'write' as const }
    expect(expectedAtPostern(sampleWorld(), 'manager-token', { ...users, aid: null })).toBe('pass')
    expect(expectedAtPostern(sampleWorld(), 'group-manager-token', { ...users, aid: 5 })).toBe('either')
    expect(expectedAtPostern(sampleWorld(), 'plain-token', { ...users, aid: 5 })).toBe('refuse')
  })
})
