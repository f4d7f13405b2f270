import { vi } from 'vitest'
import { putAnything } from '../table/put-anything.ts'

/**
 * The old holes of the rights model, each put back as a small change of the real code that is in effect while it is open. Import this
 * before anything that loads the functions.
 */
export const holes = [
  'anybody gives what they do not hold',
  'every API is open to every organization',
  'a share gives the whole API',
  'guests are active before they accept',
  'somebody acts as a guest',
  'somebody acts as a manager',
  'sessions of a membership that was created again live again',
  'memberships elsewhere stay active',
  'an administrator needs no way to get in',
  'an account group reaches everybody',
  'whoever acts as another uses Postern',
  'sessions are good for every audience',
  'enabling a user gives nothing',
  'a section that grows gives nothing',
  'a role that loses an exception gives nothing',
  'taking rights needs them',
  'unregistered gateways are everybody’s',
  'released gateways are unregistered',
  'anybody binds gateways',
  'deny is accepted beside a role that grants',
  'only one side hears that a share ended',
  'the impersonation of a role is not compared when it is given',
] as const
export type Hole = (typeof holes)[number]

let opened: Hole | null = null
export const open = (hole: Hole | null): void => {
  opened = hole
}
const isOpen = (hole: Hole): boolean => opened === hole

vi.doMock(import('../../lib/decision/grants-cover.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    covers: (held, wanted, apis) => {
      const isForgotten = isOpen('the impersonation of a role is not compared when it is given')
      const compared = isForgotten ? { ...wanted, actsAs: null } : wanted
      return isOpen('anybody gives what they do not hold') || real.covers(held, compared, apis)
    },
  }
})

vi.doMock(import('../../lib/decision/protected-api.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    visibilityOf: (api, organizationId) => {
      const seen = real.visibilityOf(api, organizationId)
      const isAnybodys = isOpen('every API is open to every organization')
      const isWhole = isOpen('a share gives the whole API') && seen !== null
      const isDefault = 'name' in api && api.name === 'default'
      const isDefaults = isDefault && isOpen('unregistered gateways are everybody’s')
      return isAnybodys || isWhole || isDefaults ? 'owner' : seen
    },
  }
})

vi.doMock(import('../../lib/users/invite-guest.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    inviteGuest: (dependencies, ...asked) => {
      if (!isOpen('guests are active before they accept')) return real.inviteGuest(dependencies, ...asked)
      const write: typeof dependencies.write = (writes) =>
        dependencies.write(
          writes.map((one) =>
            one.label === 'membership' && 'put' in one
              ? { ...one, ...putAnything(one.label, { ...one.put, status: 'active' }) }
              : one,
          ),
        )
      return real.inviteGuest({ ...dependencies, write }, ...asked)
    },
  }
})

vi.doMock(import('../../lib/admission/identify.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    mayActAs: (...asked) => isOpen('somebody acts as a guest') || real.mayActAs(...asked),
  }
})

vi.doMock(import('../../lib/identity/manages.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    manages: (...asked) => !isOpen('somebody acts as a manager') && real.manages(...asked),
  }
})

vi.doMock(import('../../lib/identity/member.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    epochOf: (member) =>
      isOpen('sessions of a membership that was created again live again')
        ? real.epochOf({ ...member, membership: { ...member.membership, membershipId: 'mem_000000000000' } })
        : real.epochOf(member),
  }
})

vi.doMock(import('../../lib/guests/membership-suspension.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    suspensionWrites: async (...asked) =>
      isOpen('memberships elsewhere stay active') ? [] : await real.suspensionWrites(...asked),
  }
})

vi.doMock(import('../../lib/identity/administrator.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    isAdministrator: (user, membership) =>
      isOpen('an administrator needs no way to get in')
        ? real.isAdministrator({ ...user, hasPassword: true }, membership)
        : real.isAdministrator(user, membership),
  }
})

vi.doMock(import('../../lib/identity/account-group-reach.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    reaches: (...asked) => isOpen('an account group reaches everybody') || real.reaches(...asked),
  }
})

vi.doMock(import('../../lib/decision/decide.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    decide: (identified, request, ...rest) => {
      if (!identified.ok) return real.decide(identified, request, ...rest)
      const { subject } = identified
      const isForgotten =
        isOpen('whoever acts as another uses Postern') && ['management', 'self'].includes(request.target.kind)
      const seen = {
        ...subject,
        ...(isForgotten ? { actor: null } : {}),
        ...(isOpen('sessions are good for every audience')
          ? { provenBy: { ...subject.provenBy, kind: 'token' as const } }
          : {}),
      }
      return real.decide({ ok: true, subject: seen }, request, ...rest)
    },
  }
})

vi.doMock(import('../../lib/policy/manager.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    requireAddedHeld: (manager, before, after) => {
      const isSkipped = isOpen('enabling a user gives nothing') && before === null
      if (!isSkipped) real.requireAddedHeld(manager, before, after)
    },
    refuseGrantedByRole: (...asked) => {
      if (!isOpen('deny is accepted beside a role that grants')) real.refuseGrantedByRole(...asked)
    },
  }
})

vi.doMock(import('../../lib/users/user-change.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    concernsRightsOnly: (change) => {
      if (isOpen('taking rights needs them')) return false
      return isOpen('enabling a user gives nothing') || real.concernsRightsOnly(change)
    },
  }
})

vi.doMock(import('../../lib/apis/sections/section-rules.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    gainedEndpoints: (...asked) =>
      isOpen('a section that grows gives nothing') ? [] : real.gainedEndpoints(...asked),
  }
})

vi.doMock(import('../../lib/policy/added-grants.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    addedTo: (before, after) => {
      const added = real.addedTo(before, after)
      return isOpen('a role that loses an exception gives nothing') ? { ...added, everySection: [] } : added
    },
  }
})

vi.doMock(import('../../lib/apis/api-store.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    readBindings: async (...asked) => {
      const bindings = await real.readBindings(...asked)
      const isForgotten = isOpen('released gateways are unregistered') && bindings?.length === 0
      return isForgotten ? undefined : bindings
    },
  }
})

vi.doMock(import('../../lib/apis/edit-api.ts'), async (load) => {
  const real = await load()
  return {
    ...real,
    requireFirstAdministrator: async (...asked) => {
      if (!isOpen('anybody binds gateways')) await real.requireFirstAdministrator(...asked)
    },
    apiAuditWrites: (...asked) => {
      const writes = real.apiAuditWrites(...asked)
      return isOpen('only one side hears that a share ended') ? writes.slice(0, 1) : writes
    },
  }
})
