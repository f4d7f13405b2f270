import { describe, expect, it } from 'vitest'
import { takesAccountGroup } from '../../lib/contract/account-group-query.ts'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { decide } from '../../lib/decision/decide.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { readInput } from '../../lib/http/read-input.ts'
import { accountGroupRefused, requestedAccountGroup } from '../../lib/http/requested-account-group.ts'
import type { Reach } from '../../lib/identity/account-group-reach.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { whitelistEndpoints } from '../../lib/users/whitelist-endpoints.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { grants, role, subject } from '../decision/sample-subject.ts'
import { httpEvent, lambdaContext } from './http-event.ts'
import { letIn, refusedFor } from './sample-admission.ts'

const list = { entries: [], warnings: [], version: 1 }

/** Somebody who may read whitelists in account group 2 only. */
const caller = subject({
  membership: {
    loginAccountGroup: 1,
    accountGroupRoles: [
      { aid: 2, roles: [role('reader', grants({ management: { 'postern-whitelist': 'read' } }))] },
    ],
  },
})

const ask = async (query: string, isKnown = true, who: Subject = caller) => {
  let reach: Reach | null = null
  const handler = httpFunction(
    'whitelist',
    whitelistEndpoints,
    {
      getWhitelist: (input) => {
        reach = input.caller.reach
        return { body: list }
      },
      replaceWhitelist: () => ({ body: list }),
    },
    {
      log: () => undefined,
      now: () => 0,
      admit: (_, request) => {
        const decision = decide(
          isKnown ? { ok: true, subject: who } : { ok: false, reason: 'credential_unknown' },
          request,
          { ranges: noProviderRanges, withinRateLimit: () => true },
        )
        return Promise.resolve(
          decision.allow
            ? letIn(decision.subject, decision.aid)
            : refusedFor(decision.reason, decision.subject),
        )
      },
    },
  )
  const answer = await handler(
    httpEvent('GET', '/v1/users/{userId}/whitelist', {
      path: '/v1/users/usr_1/whitelist',
      params: { userId: 'usr_1' },
      query,
      headers: { authorization: 'pst_x' },
    }),
    lambdaContext,
  )
  const { errors } = JSON.parse(answer.body ?? '')
  return { status: answer.statusCode, errors, reach }
}

describe('aid in the query of a request', () => {
  it('chooses the account group whose roles count', async () => {
    expect((await ask('aid=2')).status).toBe(200)
    expect((await ask('aid=1')).status).toBe(403)
    expect((await ask('')).status).toBe(403)
  })

  it('says nothing about whom the caller reaches: all account groups in which it manages, and no others', async () => {
    expect((await ask('aid=2')).reach).toEqual(new Set([2]))
    const reader = role('reader', grants({ management: { 'postern-whitelist': 'read' } }))
    const other = role('other', grants({ management: { 'postern-users': 'write' } }))
    const inGroups = subject({
      membership: {
        accountGroupRoles: [
          { aid: 1, roles: [other] },
          { aid: 2, roles: [reader] },
          { aid: 3, roles: [reader, other] },
        ],
      },
    })
    expect((await ask('aid=3', true, inGroups)).reach).toEqual(new Set([2, 3]))
    const everywhere = subject({ membership: { allAccountGroupRoles: [reader] } })
    expect((await ask('aid=3', true, everywhere)).reach).toBe('organization')
    const own = subject({ membership: { own: grants({ management: { 'postern-whitelist': 'read' } }) } })
    expect((await ask('', true, own)).reach).toBe('organization')
  })

  it.each(['aid=4', 'aid=999999999'])(
    'that no account group has is a 400 that names it: %s',
    async (query) => {
      const message = 'is not an account group of this organization'
      expect(await ask(query)).toMatchObject({ status: 400, errors: [{ path: 'aid', message }] })
    },
  )

  it.each([
    'aid=',
    'aid=x',
    'aid=-1',
    'aid=02',
    'aid=2.0',
    'aid=%2B2',
    'aid=2%20',
    'aid=1e0',
    'aid=2&aid=2',
    'aid=9999999999',
  ])('that is no number, or given twice, is a 400 that names it: %s', async (query) => {
    const { status, errors } = await ask(query)
    expect([status, errors[0].path, errors[0].message]).toEqual([
      400,
      'aid',
      expect.stringContaining('number'),
    ])
  })

  it('tells nothing to somebody whose credential does not hold', async () => {
    for (const query of ['aid=4', 'aid=x', 'aid=2']) expect((await ask(query, false)).status).toBe(401)
  })

  it('is taken by every endpoint that needs a credential, however strict its own query is', () => {
    const strict = endpoints.filter(
      ({ request, access }) => request.query !== undefined && access !== 'public',
    )
    expect(strict.length).toBeGreaterThan(0)
    for (const endpoint of strict.filter(takesAccountGroup)) {
      const { query: schema } = endpoint.request
      const onlyQuery: Endpoint = { ...endpoint, request: schema === undefined ? {} : { query: schema } }
      const read = (query: string) =>
        readInput(onlyQuery, httpEvent(endpoint.method, endpoint.path, { query }))
      try {
        read('aid=1')
      } catch (error) {
        // It may need other parameters; of aid it must not complain.
        const paths = error instanceof DomainError ? error.errors.map(({ path }) => path) : ['?']
        expect(paths).not.toContain('aid')
        expect(paths).not.toContain('?')
      }
    }
  })

  it('is read only from the query, and refused in words that name it', () => {
    expect(requestedAccountGroup('')).toBeNull()
    expect(requestedAccountGroup('baid=2&AID=2')).toBeNull()
    expect(requestedAccountGroup('x=1&aid=12')).toBe(12)
    expect(accountGroupRefused(12).errors[0]?.path).toBe('aid')
  })
})
