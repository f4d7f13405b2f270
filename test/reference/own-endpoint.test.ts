import { describe, expect, it } from 'vitest'
import { routeKeysOf } from '../../lib/contract/endpoint.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'

describe('the endpoint that answers a request to Postern', () => {
  it.each(endpoints.flatMap((endpoint) => routeKeysOf(endpoint).map((key) => [key, endpoint] as const)))(
    'is %s at its own path',
    (_key, endpoint) => {
      const path = endpoint.path.replaceAll(/\{\w+\+?\}/g, 'x')
      expect(ownEndpointAt(endpoint.method, path)?.operationId).toBe(endpoint.operationId)
    },
  )

  it.each([
    ['DELETE', '/v1/users/me/keys/key_1', 'deleteOwnCredential'],
    ['DELETE', '/v1/users/usr_1/keys/key_1', 'deleteCredential'],
    ['GET', '/v1/users/me', 'getOwnUser'],
  ])('is the one that names most of the path: %s %s', (method, path, operationId) => {
    expect(ownEndpointAt(method, path)?.operationId).toBe(operationId)
  })

  it.each([
    ['GET', '/v1/nothing'],
    ['TRACE', '/v1/users'],
    ['GET', '/v1/users/'],
    ['GET', '/v1//users'],
    ['GET', '/v1/users/..%2fme'],
  ])('is none for %s %s', (method, path) => {
    expect(ownEndpointAt(method, path)).toBeUndefined()
  })
})
