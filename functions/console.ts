import { consoleEndpoints } from '../lib/console/console-endpoints.ts'
import {
  readConsoleSession,
  readConsoleSessions,
  readEndedSecret,
} from '../lib/console/console-session-store.ts'
import { listOwnSessions } from '../lib/console/list-sessions.ts'
import { moveSession } from '../lib/console/move-session.ts'
import { renewToken } from '../lib/console/renew-token.ts'
import {
  beginAtSignIn,
  challengeAtSignIn,
  completeSecondFactor,
  confirmAtSignIn,
} from '../lib/console/second-factor.ts'
import { signInFactorEndpoints } from '../lib/console/second-factor-endpoints.ts'
import { clearedCookie } from '../lib/console/session-cookie.ts'
import { signIn } from '../lib/console/sign-in.ts'
import { endOwnSession, signOut, signOutEverywhere } from '../lib/console/sign-out.ts'
import { secondStepOf } from '../lib/factors/factor-rule.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { passwordHasher } from '../lib/secrets/password-hasher.ts'
import type { Account } from '../lib/sessions/account.ts'
import { openApi } from './wiring/api.ts'
import { openFactors } from './wiring/factors.ts'
import { openLogins, refusedLogins } from './wiring/logins.ts'

const api = openApi()
const { issuer } = api.sessions
const dependencies = {
  ...api.callers,
  ...openLogins(api.table),
  ...openFactors(api.table),
  onRefused: refusedLogins(api.refusals),
  hasher: passwordHasher(),
  issuer,
  issueSession: api.issueSession,
  spendSession: api.spendSession,
  readConsoleSession: (of: Parameters<typeof readConsoleSession>[1]) => readConsoleSession(api.table, of),
  readEndedSecret: (of: Parameters<typeof readEndedSecret>[1]) => readEndedSecret(api.table, of),
  readConsoleSessions: (userId: Parameters<typeof readConsoleSessions>[1]) =>
    readConsoleSessions(api.table, userId),
  secondFactorOf: async (account: Account) => secondStepOf(account.factors, account),
  now: Date.now,
  randomBytes: api.randomBytes,
}

export const handler = httpFunction(
  'console',
  [...consoleEndpoints, ...signInFactorEndpoints],
  {
    signIn: async ({ body, headers, cookies, origin, write }) => {
      const browser = { cookies, userAgent: headers['user-agent'] }
      const { cookie, answer } = await signIn({ ...dependencies, write }, body, browser, origin)
      return { body: answer, cookies: [cookie] }
    },
    moveSession: async ({ body, headers, cookies, origin, write }) => {
      const from = { cookies, userAgent: headers['user-agent'] }
      const { organizationId } = body
      const { cookie, answer } = await moveSession({ ...dependencies, write }, organizationId, from, origin)
      return { body: answer, cookies: [cookie] }
    },
    completeSignIn: async ({ body, headers, cookies, origin, write }) => {
      const path = '/v1/console/session/second-factor'
      const asking = { cookies, userAgent: headers['user-agent'], path, origin }
      const { cookie, answer } = await completeSecondFactor({ ...dependencies, write }, body, asking)
      return { body: answer, cookies: [cookie] }
    },
    challengeAtSignIn: async ({ cookies, origin, write }) => {
      const path = '/v1/console/session/second-factor/challenges'
      const asking = { cookies, userAgent: '', path, origin }
      return { body: await challengeAtSignIn({ ...dependencies, write }, asking) }
    },
    beginSecondFactorAtSignIn: async ({ body, cookies, origin, write }) => {
      const path = '/v1/console/session/second-factor/enrollments'
      const asking = { cookies, userAgent: '', path, origin }
      return { body: await beginAtSignIn({ ...dependencies, write }, body.kind, asking) }
    },
    addSecondFactorAtSignIn: async ({ body, headers, cookies, origin, write }) => {
      const path = '/v1/console/session/second-factor/enrollments/confirm'
      const asking = { cookies, userAgent: headers['user-agent'], path, origin }
      const { cookie, answer } = await confirmAtSignIn({ ...dependencies, write }, body, asking)
      return { body: answer, cookies: [cookie] }
    },
    renewConsoleToken: async ({ cookies, origin, write }) => ({
      body: await renewToken({ ...dependencies, write }, cookies, origin),
    }),
    signOut: async ({ cookies, origin, write }) => {
      await signOut({ ...dependencies, write }, cookies, origin)
      return { cookies: [clearedCookie(issuer)] }
    },
    listOwnSessions: async ({ caller }) => ({ body: await listOwnSessions(dependencies, caller) }),
    endOwnSession: async ({ params, caller, origin, write }) => {
      await endOwnSession({ ...dependencies, write }, caller, params.sessionId, origin)
      return {}
    },
    signOutEverywhere: async ({ caller, origin, write }) => {
      await signOutEverywhere({ ...dependencies, write }, caller, origin)
      return {}
    },
  },
  { ...api.http, origin: issuer },
)
