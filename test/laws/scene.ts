import type { Dice } from './dice.ts'
import type { Operation, WantedPermission } from './operation.ts'
import type { Run } from './run.ts'
import type { Level, Proof } from './world.ts'
import { doors } from './world.ts'

/** Directed calls in the world where every run begins, by the names of what is there. */
export type Scene = ReturnType<typeof makeScene>

const named = <T>(found: T | undefined, name: string): T => {
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

export const makeScene = (run: Run, dice: Dice) => {
  const userNamed = (username: string) =>
    named(
      Object.values(run.world().users).find((user) => user.username === username),
      username,
    )
  const apiNamed = (name: string) =>
    named(
      Object.values(run.world().apis).find((api) => api.name === name),
      name,
    )
  const proofsOf = (username: string): Proof[] => {
    const { userId } = userNamed(username)
    return Object.values(run.world().proofs).filter((proof) => proof.userId === userId)
  }
  /** A credential of the user, or the proof itself. */
  const callerNamed = (who: string): string =>
    run.world().proofs[who]?.proofId ??
    named(
      proofsOf(who).find(({ kind, state }) => kind !== 'session' && state === 'live'),
      `credential of ${who}`,
    ).proofId
  const newest = (username: string): string =>
    named(proofsOf(username).at(-1), `proof of ${username}`).proofId

  return {
    user: (username: string): string => userNamed(username).userId,
    organization: (username: string): string => userNamed(username).home,
    api: (name: string): string => apiNamed(name).apiId,
    bindingOf: (name: string): string => named(apiNamed(name).bindings[0], `binding of ${name}`).bindingId,
    newest,
    newestRole: (): number => Number(named(Object.keys(run.world().roles).at(-1), 'role').split('/')[1]),
    onNorth: (name: string, level: Level): WantedPermission[] => [
      { text: `${name}/north`, api: apiNamed(name).apiId, section: 'north', level },
    ],
    /** @param who a username, or a proof; null = nobody has to prove anything */
    call: async (who: string | null, operation: Operation): Promise<number> => {
      const callerId = who === null ? null : callerNamed(who)
      const [answer] = await run.step([{ operation, callerId, aid: null }], dice)
      return named(answer, 'answer').status
    },
    logIn: async (username: string, at: string): Promise<void> => {
      const { userId, password } = userNamed(username)
      const organizationId = userNamed(at).home
      const operation = { kind: 'log-in', userId, username, organizationId, audience: null } as const
      await run.step(
        [
          {
            operation: { ...operation, password: named(password ?? undefined, 'password') },
            callerId: null,
            aid: null,
          },
        ],
        dice,
      )
    },
    /** Asks the authorizer. @param who as above; of a user the newest proof asks */
    ask: async (who: string, gatewayId: string, method: string, path: string): Promise<void> => {
      const door = named(
        doors.find((one) => one.gatewayId === gatewayId),
        gatewayId,
      )
      const proofId = run.world().proofs[who]?.proofId ?? newest(who)
      await run.ask(proofId, { door, method, path })
    },
  }
}
