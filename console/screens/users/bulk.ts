import { call } from '../../client/call.ts'
import { asFailure } from '../../client/failure.ts'
import { failureText } from '../../parts/states.tsx'
import type { User } from '../user/shown-user.ts'
import { withRole } from './with-role.ts'

/** What is done to each of several users. `aid` null = in all account groups. */
export type Deed =
  | { readonly is: 'disable' | 'enable' }
  | { readonly is: 'role'; readonly roleId: number; readonly aid: number | null }

/** `unchanged`: it was so already. `failed` says why. */
export type Outcome = { readonly is: 'done' | 'unchanged' } | { readonly is: 'failed'; readonly why: string }

const carryOut = async (deed: Deed, { userId }: User): Promise<Outcome> => {
  const params = { userId }
  // What the list shows may be old, and what others gave in the meantime must stay.
  const { user } = await call('getUser', { params })
  const { version } = user
  if (deed.is === 'role') {
    const roles = withRole(user, deed)
    if (roles === null) return { is: 'unchanged' }
    await call('replaceUserRoles', { params, body: { ...roles, version } })
    return { is: 'done' }
  }
  const status = deed.is === 'disable' ? 'disabled' : 'active'
  if (user.status === status) return { is: 'unchanged' }
  await call('changeUser', { params, body: { status, version } })
  return { is: 'done' }
}

/** One user after the other, until it is stopped; a failure of one ends nothing. */
export const carryOutEach = async (
  deed: Deed,
  users: readonly User[],
  report: (userId: string, outcome: Outcome) => void,
  { isStopped }: { readonly isStopped: () => boolean },
): Promise<void> => {
  for (const user of users) {
    if (isStopped()) return
    try {
      report(user.userId, await carryOut(deed, user))
    } catch (error) {
      report(user.userId, { is: 'failed', why: failureText(asFailure(error)) })
    }
  }
}
