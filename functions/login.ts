// Every login needs it. Lambda gives a function its full processor while it starts.
import '@node-rs/argon2'
import { httpFunction } from '../lib/http/http-function.ts'
import { passwordHasher } from '../lib/secrets/password-hasher.ts'
import { authEndpoints } from '../lib/sessions/auth-endpoints.ts'
import type { LogInDependencies } from '../lib/sessions/log-in.ts'
import { logIn } from '../lib/sessions/log-in.ts'
import { logOut } from '../lib/sessions/log-out.ts'
import { openApi } from './wiring/api.ts'
import { openCodes } from './wiring/factor-codes.ts'
import { openLogins, refusedLogins } from './wiring/logins.ts'

const api = openApi()
const dependencies: Omit<LogInDependencies, 'write'> = {
  ...openLogins(api.table),
  ...openCodes(),
  hasher: passwordHasher(),
  issueSession: api.issueProven,
  spendSession: api.spendSession,
  prepareRanges: api.prepareRanges,
  readTargetApi: api.readTargetApi,
  now: Date.now,
  randomBytes: api.randomBytes,
  onRefused: refusedLogins(api.refusals),
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
