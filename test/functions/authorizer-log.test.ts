import { describe, expect, it } from 'vitest'
import { decisionEntry, readAuthorizerEvent } from '../../functions/wiring/authorizer-event.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import { compileWhitelist } from '../../lib/whitelist/match.ts'
import { shop, subject } from '../decision/sample-subject.ts'

describe('the log of a decision', () => {
  it('names the caller, by what it called, and who acts as it', () => {
    const event = {
      version: '2.0',
      rawPath: '/orders/17',
      requestContext: { requestId: 'r', http: { method: 'GET', sourceIp: '192.0.2.1' } },
    }
    const request = { method: 'GET', path: '/orders/17', target: { kind: 'protected', api: shop } } as const
    const entryOf = (caller: Subject) =>
      decisionEntry(readAuthorizerEvent(event), {
        allow: true,
        subject: caller,
        aid: null,
        by: 'test',
        request,
      })
    const plain = {
      event: 'decision',
      requestId: 'r',
      operation: 'GET /orders/17',
      status: 200,
      address: '192.0.2.1',
      apiId: shop.apiId,
      userId: 'usr_4k2m9x7q1w8e5r3t' as const,
      organizationId: 'org_1' as const,
    }
    expect(entryOf(subject())).toEqual({ ...plain, keyId: 'key_1' })
    const provenBy = {
      kind: 'session',
      keyId: null,
      sessionId: 'ses_1',
      actorId: 'usr_2' as const,
      audience: null,
    } as const
    const actor = { userId: 'usr_2' as const, whitelist: compileWhitelist([]), integrationVendor: 'acme' }
    expect(entryOf(subject({ provenBy, actor }))).toEqual({
      ...plain,
      actingUserId: 'usr_2' as const,
      integrationVendor: 'acme',
    })
  })

  it('F5: shows no credential that a caller put into the path', () => {
    const token = `pst_${'a'.repeat(36)}_${'B'.repeat(49)}`
    const session = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl'
    const paths = [`/orders/${token}`, `/orders/${session}/lines`]
    const events = paths.flatMap((path) => [
      {
        version: '2.0',
        rawPath: path,
        headers: { authorization: `Bearer ${token}` },
        requestContext: { requestId: 'r', http: { method: 'GET', sourceIp: '192.0.2.1' } },
      },
      {
        type: 'TOKEN',
        authorizationToken: token,
        methodArn: `arn:aws:execute-api:eu-west-1:1:api/prod/GET${path}`,
      },
    ])
    for (const event of events) {
      const read = readAuthorizerEvent(event)
      const { method, path } = read.gateway
      const request = { method, path, target: { kind: 'protected', api: shop } } as const
      const entry = decisionEntry(read, {
        allow: false,
        reason: 'credential_unknown',
        subject: null,
        request,
      })
      const text = JSON.stringify(entry)
      expect(entry).toMatchObject({
        event: 'decision',
        status: read.kind === 'http-api' ? 403 : 401,
        reason: 'credential_unknown',
        apiId: shop.apiId,
      })
      expect(entry.operation).toMatch(/^GET \/orders\//)
      expect(text.includes(token) || text.includes(session)).toBe(false)
    }
  })
})
