import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { sessionStates } from './stored-console-session.ts'

const SignInBody = z
  .strictObject({
    username: field.login,
    password: field.password,
    organizationId: field.organizationId.optional().meta({
      description: 'The organization to sign in to, for guests of others. Default: the home organization.',
    }),
  })
  .meta({ id: 'SignIn' })

const ends = {
  sessionEndsAt: field.shownInstant.meta({ description: '12 hours after the sign-in.' }),
  idleEndsAt: field.shownInstant.meta({
    description: '30 minutes after the last token. A new token moves it, to the minute.',
  }),
}

export const SignedIn = z
  .object({
    state: z.enum(sessionStates).meta({
      description:
        '`signed-in` gets tokens. `second-factor` waits ten minutes for the second factor, `enroll-second-factor` for one to be set up.',
    }),
    ...ends,
  })
  .meta({ id: 'SignedIn' })

const ConsoleToken = z
  .object({
    accessToken: z.string(),
    expiresIn: z.int().meta({ description: 'Seconds.' }),
    userId: z.string(),
    organizationId: z.string().meta({
      description: 'Another tab of the browser may have signed in elsewhere. Show nothing older then.',
    }),
    ...ends,
  })
  .meta({ id: 'ConsoleToken' })

const OwnSessions = z
  .object({
    sessions: z.array(
      z.object({
        sessionId: z.string(),
        organizationId: z.string(),
        startedAt: field.shownInstant,
        address: z.string().meta({ description: 'The source of the sign-in.' }),
        userAgent: z
          .string()
          .meta({ description: 'The browser as it named itself, at most 256 characters.' }),
        ...ends,
        current: z.boolean().meta({ description: 'The session of this request.' }),
      }),
    ),
  })
  .meta({ id: 'OwnSessions' })

export const browser = z.object({
  'user-agent': z.string().default('').meta({ description: 'Shown in the list of sessions.' }),
})

const sessionParams = z.object({ sessionId: field.sessionId })

export const exampleEnds = {
  sessionEndsAt: '2026-11-22T20:00:00.000Z',
  idleEndsAt: '2026-11-22T08:30:00.000Z',
}

/**
 * The console's sessions. The cookie is a credential for two things only: a token, and the end of the session. Everything else takes the
 * token, here as elsewhere.
 */
export const consoleEndpoints = [
  {
    method: 'POST',
    path: '/v1/console/session',
    function: 'console',
    operationId: 'signIn',
    tag: 'console',
    summary: 'Sign in to the console',
    description:
      'For users with the access level `dashboard`. Sets the cookie of the session, and ends the session that the browser had. The same limits on wrong passwords as for a login.',
    access: 'public',
    cookie: 'sets',
    request: {
      mediaType: 'application/json',
      headers: browser,
      body: SignInBody,
      example: { username: 'dana', password: 'correct horse battery staple' },
    },
    response: {
      status: 200,
      description: 'The session, or what it waits for',
      mediaType: 'application/json',
      schema: SignedIn,
      example: { state: 'signed-in', ...exampleEnds },
    },
    errors: ['access_denied', 'invalid_credentials', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/console/session/organization',
    function: 'console',
    operationId: 'moveSession',
    tag: 'console',
    summary: 'Go on in another organization, without the password',
    description:
      'For guests of other organizations. The session ends, and one in the other organization takes its place until the same absolute end. Everything is checked that a sign-in there checks. If the session was opened without a second factor, and a sign-in there takes one, the answer is `second_factor_required`: sign in there.',
    access: 'public',
    cookie: 'needs',
    request: {
      mediaType: 'application/json',
      headers: browser,
      body: z.strictObject({ organizationId: field.organizationId }).meta({ id: 'OrganizationChosen' }),
      example: { organizationId: 'org_0123456789' },
    },
    response: {
      status: 200,
      description: 'The session',
      mediaType: 'application/json',
      schema: SignedIn,
      example: { state: 'signed-in', ...exampleEnds },
    },
    errors: [
      'access_denied',
      'invalid_credentials',
      'not_found',
      'second_factor_required',
      'too_many_requests',
    ],
  },
  {
    method: 'POST',
    path: '/v1/console/token',
    function: 'console',
    operationId: 'renewConsoleToken',
    tag: 'console',
    summary: 'Get a token of the session',
    description:
      'A session token of five minutes. All tokens of a session end with it. Each moves the idle end, so ask for one only when somebody uses the page.',
    access: 'public',
    cookie: 'needs',
    request: {},
    response: {
      status: 200,
      description: 'A session token',
      mediaType: 'application/json',
      schema: ConsoleToken,
      example: {
        accessToken: 'eyJ…',
        expiresIn: 300,
        userId: 'usr_0123456789abcdef',
        organizationId: 'org_0123456789',
        ...exampleEnds,
      },
    },
    errors: ['access_denied', 'invalid_credentials', 'too_many_requests'],
  },
  {
    method: 'DELETE',
    path: '/v1/console/session',
    function: 'console',
    operationId: 'signOut',
    tag: 'console',
    summary: 'Sign out',
    description:
      'Ends the session of the cookie and its tokens. A cookie whose session has ended gets the same answer.',
    access: 'public',
    cookie: 'needs',
    request: {},
    response: { status: 204, description: 'There is no session any more' },
    errors: ['access_denied'],
  },
  {
    method: 'GET',
    path: '/v1/console/sessions',
    function: 'console',
    operationId: 'listOwnSessions',
    tag: 'console',
    summary: "List the caller's sessions of the console",
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'The sessions, the newest first',
      mediaType: 'application/json',
      schema: OwnSessions,
      example: {
        sessions: [
          {
            sessionId: 'ses_0123456789abcdefghij',
            organizationId: 'org_0123456789',
            startedAt: '2026-11-22T08:00:00.000Z',
            address: '203.0.113.7',
            userAgent: 'Mozilla/5.0 …',
            ...exampleEnds,
            current: true,
          },
        ],
      },
    },
    errors: [],
  },
  {
    method: 'DELETE',
    path: '/v1/console/sessions/{sessionId}',
    function: 'console',
    operationId: 'endOwnSession',
    tag: 'console',
    summary: "End one of the caller's sessions of the console",
    description:
      'From a session that was opened with the password, not with a key or token. Ends the session that took its place if it went on in another organization.',
    access: 'self',
    uncounted: true,
    request: { params: sessionParams },
    response: { status: 204, description: 'The session has ended' },
    errors: ['access_denied', 'not_found'],
  },
  {
    method: 'DELETE',
    path: '/v1/console/sessions',
    function: 'console',
    operationId: 'signOutEverywhere',
    tag: 'console',
    summary: 'Sign out everywhere',
    description:
      "Ends all sessions of the caller, the one of this request included: the console's, those of logins, and those that its keys opened. Keys and tokens keep working, and cannot call this.",
    access: 'self',
    uncounted: true,
    request: {},
    response: { status: 204, description: 'All sessions have ended' },
    errors: ['access_denied'],
  },
] as const satisfies readonly Endpoint[]
