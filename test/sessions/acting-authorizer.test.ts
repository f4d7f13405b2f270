import { describe, expect, it } from 'vitest'
import { answerFor, decisionEntry, readAuthorizerEvent } from '../../functions/wiring/authorizer-event.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import type { Usage } from '../../lib/admission/usage.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { formatAddress } from '../../lib/whitelist/address.ts'
import type { WhitelistRanges } from '../../lib/whitelist/match.ts'
import { httpApi2 } from '../functions/sample-authorizer-events.ts'
import {
  actingSession,
  apiWith,
  memberWith,
  organizationWith,
  policyWith,
  readersOf,
  snapshotsOf,
} from '../functions/stored-scene.ts'

describe('T7: in the authorizer', () => {
  const api = apiWith(1, 'shop', {
    sections: [
      { name: 'orders', title: '', endpoints: [{ endpoint: 'GET /orders', level: 'read' }], version: 1 },
    ],
  })
  const permissions = { [`${api.apiId}/orders`]: 'read' } as const

  /** What one request from `203.0.113.9` in which somebody acts is answered, noted and counted. */
  const act = async (
    whitelists: { readonly actor: readonly string[]; readonly target: readonly string[] },
    published: Readonly<Record<string, string>> = {},
  ) => {
    const vendorOf = (integrationVendor: string) => ({ integrationVendor, permissions })
    const acting = memberWith(1, {
      user: { whitelist: [...whitelists.actor] },
      membership: { ...vendorOf('vnd_actor'), impersonation: 'full' },
    })
    const actedAs = memberWith(2, {
      user: { whitelist: [...whitelists.target] },
      membership: vendorOf('vnd_target'),
    })
    const asked: string[] = []
    const usage: Usage[] = []
    const ranges: WhitelistRanges = ({ provider }) => {
      const holds = published[provider]
      if (holds === undefined) return undefined
      const prefixOf = (of: Parameters<typeof formatAddress>[0]) =>
        formatAddress(of) === holds ? `${holds}/32` : undefined
      return { state: 'ready', providerVersion: '1', prefixOf }
    }
    const session = actingSession(actedAs, acting)
    const authorize = makeAuthorizer(
      {
        snapshots: readersOf(
          snapshotsOf({
            organization: organizationWith(),
            policy: policyWith([api]),
            members: [acting, actedAs],
            credentials: [],
          }),
        ),
        verifySession: () => Promise.resolve({ ok: true, session }),
        findImported: () => Promise.resolve(null),
        prepareRanges: (words) => {
          asked.push(...words.map(({ provider }) => provider))
          return Promise.resolve(ranges)
        },
        prepareRateLimit: () => Promise.resolve(uncounted),
        now: Date.now,
        noteUse: () => Promise.resolve(),
        countUsage: (counted) => usage.push(counted),
        findEndpoint: ({ path }) =>
          Promise.resolve({ path, target: { kind: 'protected', api: protectedApiOf(api) } }),
      },
      { cacheSeconds: 0 },
    )
    const event = readAuthorizerEvent(httpApi2({ path: '/orders', stage: '$default', resource: '$default' }))
    const verdict = await authorize('Bearer a.b.c', event)
    return {
      outcome: verdict.allow ? 'allowed' : verdict.reason,
      answer: answerFor(event, verdict),
      entry: decisionEntry(event, verdict),
      asked: asked.toSorted(),
      usage,
    }
  }

  it.each([
    ['both words hold it', { actor: ['AWS'], target: ['GOOGLE'] }, 'allowed'],
    ["the actor's word does not", { actor: ['AZURE'], target: ['GOOGLE'] }, 'whitelist_no_match'],
    ["the user's word does not", { actor: ['AWS'], target: ['AZURE'] }, 'whitelist_no_match'],
    ["the actor's has no list", { actor: ['CLOUDFLARE'], target: ['GOOGLE'] }, 'whitelist_unevaluable'],
    ["the user's has no list", { actor: ['AWS'], target: ['CLOUDFLARE'] }, 'whitelist_unevaluable'],
  ])('both whitelists count with provider words, too: %s', async (_name, whitelists, expected) => {
    const { outcome, asked } = await act(whitelists, {
      AWS: '203.0.113.9',
      GOOGLE: '203.0.113.9',
      AZURE: '198.51.100.1',
    })
    expect(outcome).toBe(expected)
    expect(asked).toEqual([...whitelists.actor, ...whitelists.target].toSorted())
  })

  it.each([
    ['that passed', [], true],
    ['that was denied', ['192.0.2.1'], false],
  ])("a request %s is the actor's vendor's in the log and the usage", async (_name, whitelist, allowed) => {
    const { entry, usage, answer } = await act({ actor: whitelist, target: [] })
    expect(entry).toMatchObject({ integrationVendor: 'vnd_actor', apiId: api.apiId })
    expect(usage).toMatchObject([{ integrationVendor: 'vnd_actor', allowed }])
    expect(answer).toMatchObject({ isAuthorized: allowed })
    if (allowed) expect(answer.context).toMatchObject({ integrationVendor: 'vnd_actor', api: 'shop' })
    else expect(answer.context).toEqual({ code: 'access_denied' })
  })
})
