import type { Guess, GuessRow } from '../../lib/limits/guess.ts'
import { admitGuess } from '../../lib/limits/guess-store.ts'
import type { KeyOwner } from '../../lib/secrets/key-id.ts'
import type { WantedLogin } from '../../lib/sessions/account.ts'
import { readAccount, readLoginRecord } from '../../lib/sessions/account-store.ts'
import { inARowLimits } from '../../lib/sessions/login-counters.ts'
import type { ProvePasswordDependencies } from '../../lib/sessions/prove-password.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { log } from './log.ts'
import type { openRefusals } from './refusals.ts'

/** What a login reads, and its limits. */
export const openLogins = (table: Table) => ({
  readLoginRecord: (wanted: WantedLogin) => readLoginRecord(table, wanted),
  readAccount: (of: KeyOwner) => readAccount(table, of),
  admitGuess: (row: GuessRow, guess: Guess) => admitGuess(table, row, guess),
  inARowLimits,
})

/** Logs and records a refused login. */
export const refusedLogins =
  ({ onRefusedLogin }: ReturnType<typeof openRefusals>): ProvePasswordDependencies['onRefused'] =>
  async (reason, account, { address, requestId }, nameHash) => {
    log({ event: 'login_refused', reason, ...(account === null ? {} : { userId: account.user.userId }) })
    if (reason !== 'throttled') await onRefusedLogin({ reason, account, address, requestId, nameHash })
  }
