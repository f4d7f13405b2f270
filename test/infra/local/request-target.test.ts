import { describe, expect, it } from 'vitest'
import { readRequestTarget } from '../../../infra/local/request-target.ts'

describe('readRequestTarget', () => {
  // From captures of a live HTTP API: github.com/hotsock/voker, vokerhttp/testdata/ingress-paths.json.
  it.each([
    ['/capture/plain', '/capture/plain'],
    ['/capture/space%20value', '/capture/space value'],
    ['/capture/question%3Fvalue', '/capture/question'],
    ['/capture/percent%25done', undefined],
    ['/capture/hash%23value', '/capture/hash#value'],
    ['/capture/slash%2Fvalue', '/capture/slash/value'],
    ['/capture/unicode-%CE%BB-%E4%B8%96%E7%95%8C', '/capture/unicode-λ-世界'],
    ['/capture/literal%252Fvalue', '/capture/literal/value'],
    ['/capture/literal%253Fvalue', '/capture/literal?value'],
    ['/capture/literal%2525value', '/capture/literal%value'],
  ])('reads the path %s as a live HTTP API does', (target, path) => {
    expect(readRequestTarget(target)?.path).toBe(path)
  })

  it('keeps the query raw, and decodes its parameters, of a repeated one all values', () => {
    expect(
      readRequestTarget(
        '/x?repeat=one&repeat=two&redirect=https%3A%2F%2Fe.com%2Fa&plus=a+b&sign=a%2Bb&empty=',
      ),
    ).toEqual({
      path: '/x',
      rawQueryString: 'repeat=one&repeat=two&redirect=https%3A%2F%2Fe.com%2Fa&plus=a+b&sign=a%2Bb&empty=',
      queryStringParameters: {
        repeat: 'one,two',
        redirect: 'https://e.com/a',
        plus: 'a b',
        sign: 'a+b',
        empty: '',
      },
    })
  })

  it('takes the absolute form of a target', () => {
    expect(readRequestTarget('http://evil.example/health?a=1')?.path).toBe('/health')
    expect(readRequestTarget('http://evil.example')?.path).toBe('/')
  })

  it.each(['*', 'health', '', '/%', '/%zz', '/%ff', 'ftp://x/y'])('refuses the target %j', (target) => {
    expect(readRequestTarget(target)).toBeUndefined()
  })

  it('has no query parameters rather than an empty object', () => {
    expect(readRequestTarget('/x')?.queryStringParameters).toBeUndefined()
  })
})
