import * as z from 'zod'
import type { Answer } from './answer.ts'
import { succeeded } from './answer.ts'
import type { Observation } from './observation.ts'
import type { Move, Stage } from './perform.ts'
import { authorizationOf } from './perform.ts'
import { administratorsProof } from './probe.ts'
import { userNamed } from './rights.ts'
import type { World } from './world.ts'

/** What must be in an audit: which deed, done to what, in which organizations. */
type Audited = { readonly action: string; readonly target: string; readonly sides: readonly string[] }

const Rows = z.object({
  rows: z.array(
    z.object({
      actor: z.object({
        userId: z.string().nullable(),
        organizationId: z.string().optional(),
        actingUserId: z.string().nullable(),
      }),
    }),
  ),
})

/** Shares, invitations and bindings are audited on both sides; acting names both people. */
const auditedOf = (before: World, { operation, callerId }: Move): Audited | null => {
  const caller = before.proofs[callerId ?? '']
  if (caller === undefined) return null
  const here = caller.organizationId
  const ofApi = (action: string, apiId: string, other: string): Audited => ({
    action,
    target: apiId,
    sides: [before.apis[apiId]?.organizationId ?? here, other],
  })
  const ofGuest = (action: string, userId: string, where: string): Audited => ({
    action,
    target: userId,
    sides: [before.users[userId]?.home ?? here, where],
  })
  switch (operation.kind) {
    case 'share':
      return ofApi('api.shared', operation.api, operation.organizationId)
    case 'unshare':
      return ofApi('api.share-ended', operation.api, operation.organizationId)
    case 'hand-over':
      return ofApi('api.handed-over', operation.api, operation.organizationId)
    case 'bind':
      return ofApi('api.gateway-bound', operation.api, here)
    case 'create-user': {
      const guest = userNamed(before, operation.username)
      return guest === undefined ? null : ofGuest('guest.invited', guest.userId, here)
    }
    case 'accept':
      return ofGuest('guest.accepted', caller.userId, operation.organizationId)
    case 'leave':
      return ofGuest('guest.left', caller.userId, operation.organizationId)
    case 'confirm':
      return ofGuest('guest.confirmed', operation.userId, here)
    case 'act-as':
      return { action: 'impersonation.started', target: operation.userId, sides: [here] }
    default:
      return null
  }
}

/** Does every organization that a call concerned find it in its audit, with who did it or which organization? */
export const askAudits = async (
  { system, secrets }: Stage,
  before: World,
  move: Move,
  answer: Answer,
): Promise<Observation[]> => {
  const audited = auditedOf(before, move)
  const caller = before.proofs[move.callerId ?? '']
  if (!succeeded(answer) || audited === null || caller === undefined) return []
  const { action, target } = audited
  const asked = [...new Set(audited.sides)].map(async (side): Promise<Observation[]> => {
    const reader = administratorsProof(before, side)
    if (reader === undefined) return []
    const { status, body } = await system.call({
      method: 'GET',
      path: '/v1/audit',
      query: `action=${action}&target=${target}`,
      authorization: authorizationOf(secrets.get(reader.proofId)),
    })
    if (status !== 200) return []
    const isNamed = Rows.parse(body).rows.some(
      ({ actor }) =>
        actor.userId === caller.userId ||
        (side !== caller.organizationId && actor.organizationId === caller.organizationId),
    )
    return [{ at: 'audit', organizationId: side, action, isNamed }]
  })
  return (await Promise.all(asked)).flat()
}
