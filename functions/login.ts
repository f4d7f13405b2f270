import { httpFunction } from '../lib/http/http-function.ts'
import { passwordHasher } from '../lib/secrets/password-hasher.ts'
import { readAccount } from '../lib/sessions/account-store.ts'
import { authEndpoints } from '../lib/sessions/auth-endpoints.ts'
import { noteSource } from '../lib/sessions/known-source-store.ts'
import type { LogInDependencies } from '../lib/sessions/log-in.ts'
import { logIn } from '../lib/sessions/log-in.ts'
import { logOut } from '../lib/sessions/log-out.ts'
import { openApi } from './wiring/api.ts'
import { log } from './wiring/log.ts'
import { openThrottles } from './wiring/throttles.ts'
import { wait } from './wiring/wait.ts'

const api = openApi()
const dependencies: Omit<LogInDependencies, 'write'> = {
  ...openThrottles(api.table),
  readAccount: (...wanted) => readAccount(api.table, ...wanted),
  noteSource: (...note) => noteSource(api.table, ...note),
  hasher: passwordHasher(),
  issueSession: api.sessions.issueSession,
  prepareRanges: api.prepareRanges,
  readTargetApi: api.readTargetApi,
  now: Date.now,
  wait,
  randomBytes: api.randomBytes,
  onRefused: async (reason, account, { address, requestId }, nameHash) => {
    log({ event: 'login_refused', reason, ...(account === null ? {} : { userId: account.user.userId }) })
    if (reason === 'throttled') return
    await api.refusals.onRefusedLogin({ reason, account, address, requestId, nameHash })
  },
}

export const handler = httpFunction(
  'login',
  authEndpoints,
  {
    login: async ({ body, origin, write }) => ({
      body: await logIn({ ...dependencies, write }, body, origin),
    }),
    logout: async ({ caller, origin, write }) => {
      await logOut({ ...api, write }, caller, origin)
      return {}
    },
  },
  api.http,
)
