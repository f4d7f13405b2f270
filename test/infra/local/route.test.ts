import { describe, expect, it } from 'vitest'
import { createRouter } from '../../../infra/local/route.ts'

const router = (...routeKeys: string[]) => {
  const find = createRouter(
    routeKeys.map((routeKey) => ({
      routeKey,
      functionId: 'F',
      authorizerId: undefined,
      timeoutMilliseconds: 1000,
    })),
  )
  return (method: string, path: string) => {
    const match = find(method, path)
    return match && [match.route.routeKey, match.pathParameters && { ...match.pathParameters }]
  }
}

describe('createRouter', () => {
  it('prefers the literal path, then a variable, then a greedy one, then $default', () => {
    const find = router('$default', 'GET /{all+}', 'GET /users/{id}', 'GET /users/me', 'GET /users/{rest+}')
    expect(find('GET', '/users/me')).toEqual(['GET /users/me', undefined])
    expect(find('GET', '/users/7')).toEqual(['GET /users/{id}', { id: '7' }])
    expect(find('GET', '/users/7/keys')).toEqual(['GET /users/{rest+}', { rest: '7/keys' }])
    expect(find('GET', '/other')).toEqual(['GET /{all+}', { all: 'other' }])
    expect(find('POST', '/users/me')).toEqual(['$default', undefined])
  })

  it('prefers a method of its own to ANY on the same path, and a better path to a method', () => {
    const find = router('ANY /a/{x}', 'GET /a/{x}', 'ANY /a/b', 'GET /{all+}')
    expect(find('GET', '/a/c')?.[0]).toBe('GET /a/{x}')
    expect(find('PUT', '/a/c')?.[0]).toBe('ANY /a/{x}')
    expect(find('GET', '/a/b')?.[0]).toBe('ANY /a/b')
  })

  it('does not take a path for another one because of case, a trailing slash or an empty segment', () => {
    const find = router('GET /users', 'GET /users/{id}')
    for (const path of ['/Users', '/users/', '//users', '/users//', '/users/1/', '/']) {
      expect(find('GET', path), path).toBeUndefined()
    }
  })

  it('finds nothing for HEAD where only GET is routed', () => {
    expect(router('GET /users')('HEAD', '/users')).toBeUndefined()
  })

  it('does not mistake a greedy variable for the path before it', () => {
    expect(router('GET /files/{path+}')('GET', '/files/')).toBeUndefined()
  })
})
