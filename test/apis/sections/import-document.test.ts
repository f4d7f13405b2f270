import { describe, expect, it } from 'vitest'
import { readOpenApiDocument, sectionKey } from '../../../lib/apis/sections/import-document.ts'
import { problems } from '../../../lib/contract/problem.ts'
import { parseStrictJson } from '../../../lib/effects/strict-json.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'
import { buildOpenApi, documentedPath } from '../../../lib/reference/openapi/openapi.ts'
import { growsTooFast } from '../../growth.ts'
import { gatewayExport, operation, petStore, shop } from './openapi-samples.ts'

type Document = Parameters<typeof readOpenApiDocument>[0]

const sectionsOf = (document: Document, basePath?: string): Record<string, string[]> => {
  const read = readOpenApiDocument(document, basePath)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return Object.fromEntries(
    read.sections.map(({ key, endpoints: listed }) => [
      key,
      listed.map(({ endpoint, level }) => `${endpoint} (${level})`),
    ]),
  )
}

const errorsOf = (document: Document, basePath?: string): string[] => {
  const read = readOpenApiDocument(document, basePath)
  return read.ok ? [] : read.errors.map(({ path, message }) => `${path} ${message}`)
}

const skippedOf = (document: Document): string[] => {
  const read = readOpenApiDocument(document, undefined)
  return read.ok ? read.skipped.map(({ path }) => path) : ['not read']
}

describe('the sections of an OpenAPI document', () => {
  it('of the pet store: its tags, with the path of its server, and the level of each method', () => {
    expect(sectionsOf(petStore)).toEqual({
      pet: [
        'PUT /api/v3/pet (write)',
        'POST /api/v3/pet (write)',
        'GET /api/v3/pet/findByStatus (read)',
        'GET /api/v3/pet/{petId} (read)',
        'DELETE /api/v3/pet/{petId} (write)',
      ],
      store: [
        'GET /api/v3/store/inventory (read)',
        'GET /api/v3/store/order/{orderId} (read)',
        'DELETE /api/v3/store/order/{orderId} (write)',
      ],
      user: ['GET /api/v3/user/{username} (read)', 'PUT /api/v3/user/{username} (write)'],
    })
  })

  it('of an export of API Gateway: one, by its title, with the stage, greedy paths and the route of every method', () => {
    expect(sectionsOf(gatewayExport)).toEqual({
      'orders-http-api': ['GET /prod/orders/{order-id} (read)', '* /prod/files/* (write)'],
    })
  })

  it('of Postern’s own description: all of its operations, as the strict parser reads it', () => {
    const text = JSON.stringify(buildOpenApi({ endpoints, problems, origin: 'https://postern.example' }))
    const parsed = parseStrictJson(text)
    expect(parsed.ok).toBe(true)
    const document = parsed.ok ? (parsed.value as Document) : {}
    const sections = sectionsOf(document)
    expect(Object.keys(sections)).toEqual(
      expect.arrayContaining(['users', 'credentials', 'whitelist', 'password-reset', 'access']),
    )
    const listed = Object.values(sections)
      .flat()
      .map((text) => text.replace(/ \(.*/, ''))
    expect(listed.toSorted()).toEqual(
      endpoints.map((endpoint) => `${endpoint.method} ${documentedPath(endpoint)}`).toSorted(),
    )
    expect(skippedOf(document)).toEqual([])
  })

  it('put an operation with several tags into each of them', () => {
    expect(sectionsOf(shop({ '/orders': { get: operation(['Orders', 'Reports']) } }))).toEqual({
      orders: ['GET /orders (read)'],
      reports: ['GET /orders (read)'],
    })
  })

  it('keep what nobody tagged apart from every tag, even when the title is a tag', () => {
    const paths = { '/a': { get: operation(['Shop API']) }, '/b': { get: operation() } }
    expect(sectionsOf(shop(paths))).toEqual({ 'shop-api': ['GET /a (read)'], untagged: ['GET /b (read)'] })
  })

  it('unite tags that differ only in case or punctuation', () => {
    const paths = { '/a': { get: operation(['Order lines']), post: operation(['order-lines']) } }
    expect(Object.keys(sectionsOf(shop(paths)))).toEqual(['order-lines'])
  })

  it.each([
    ['Order lines', 'order-lines'],
    ['  Café & Größe ', 'cafe-gro-e'],
    ['v2.orders_admin', 'v2.orders_admin'],
    ['--x--', 'x'],
  ])('name the tag %j %s', (tag, key) => {
    expect(sectionKey(tag)).toBe(key)
  })

  it('name tags of any script, and long ones, always alike and each by itself', () => {
    const tags = ['订单', '商品', 'Заказы', '🛒', `${'x'.repeat(70)}a`, `${'x'.repeat(70)}b`]
    const keys = tags.map(sectionKey)
    expect(new Set(keys).size).toBe(tags.length)
    for (const key of keys) expect(key).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    expect(tags.map(sectionKey)).toEqual(keys)
  })

  it('follow a path item that stands elsewhere in the document', () => {
    const document = shop(
      { '/orders': { $ref: '#/components/pathItems/~1orders' } },
      { components: { pathItems: { '/orders': { get: operation(['Orders']) } } } },
    )
    expect(sectionsOf(document)).toEqual({ orders: ['GET /orders (read)'] })
  })

  it('are none for a document without paths, which OpenAPI 3.1 allows', () => {
    const { paths: _, ...document } = shop({})
    expect(sectionsOf({ ...document, webhooks: { order: { post: operation(['Orders']) } } })).toEqual({})
  })
})

describe('the base path', () => {
  const at = (servers: unknown, more: Document = {}) =>
    shop({ '/orders': { get: operation(['orders'], more) } }, { servers })
  const path = (document: Document, basePath?: string) =>
    sectionsOf(document, basePath)['orders']?.[0]?.split(' ')[1]

  it.each<[unknown, string]>([
    [undefined, '/orders'],
    [[], '/orders'],
    [[{ url: '/' }], '/orders'],
    [[{ url: '/v1/' }], '/v1/orders'],
    [[{ url: 'v1' }], '/v1/orders'],
    [[{ url: 'https://api.example.com' }], '/orders'],
    [[{ url: 'https://api.example.com/v1?x=1' }], '/v1/orders'],
    [
      [{ url: 'https://{host}/{v}', variables: { host: { default: 'h' }, v: { default: 'v2' } } }],
      '/v2/orders',
    ],
    [[{ url: 'https://a.example/v1' }, { url: 'https://b.example/v1/' }], '/v1/orders'],
  ])('of the servers %j makes %s', (servers, expected) => {
    expect(path(at(servers))).toBe(expected)
  })

  it('of an operation counts before that of the document', () => {
    expect(path(at([{ url: '/v1' }], { servers: [{ url: '/v9' }] }))).toBe('/v9/orders')
  })

  it('that the caller gives counts before everything', () => {
    expect(path(at([{ url: '/v1' }, { url: '/v2' }]), '/v3')).toBe('/v3/orders')
    expect(path(at([{ url: '/v1' }]), '/')).toBe('/orders')
  })

  it('is asked for when the servers do not agree on one, or cannot be read', () => {
    expect(errorsOf(at([{ url: '/v1' }, { url: '/v2' }]))).toEqual([
      'document.servers have several base paths (/v1, /v2); choose one with basePath',
    ])
    expect(errorsOf(at([{ url: 'https://x/{v}' }]))[0]).toContain(
      'document.servers use {v} without a default',
    )
    expect(errorsOf(at([{ url: 'https://[' }]))[0]).toContain('document.servers hold "https://["')
    expect(errorsOf(at([{}]))[0]).toContain('document.servers must each have a url')
    expect(errorsOf(at('x'))[0]).toContain('document.servers must be a list')
  })
})

describe('what is wrong with a document', () => {
  it.each<[Document, string]>([
    [{ swagger: '2.0', info: { title: 'x' }, paths: {} }, 'document.openapi must be OpenAPI 3.0'],
    [{ ...shop({}), openapi: '3.2.0' }, 'document.openapi'],
    [{ ...shop({}), openapi: 3 }, 'document.openapi'],
    [{ ...shop({}), info: {} }, 'document.info.title is required'],
    [{ ...shop({}), info: { title: ' \n ' } }, 'document.info.title is required'],
    [{ ...shop({}), paths: [] }, 'document.paths must be an object'],
    [shop({ orders: { get: operation() } }), 'document.paths.orders must start with "/"'],
    [shop({ '/orders': null }), 'document.paths./orders must be an object'],
    [shop({ '/orders': { get: 'x' } }), 'document.paths./orders.get must be an object'],
    [
      shop({ '/orders': { get: { tags: 'x' } } }),
      'document.paths./orders.get.tags must be a list of strings',
    ],
    [shop({ '/orders': { get: { tags: [''] } } }), 'document.paths./orders.get.tags'],
    [shop({ '/orders': { get: { tags: [7] } } }), 'document.paths./orders.get.tags'],
    [shop({ '/orders': { $ref: 'https://evil.example/x.json' } }), 'document.paths./orders refers outside'],
    [shop({ '/orders': { $ref: '#/nowhere' } }), 'document.paths./orders refers to nothing'],
    [shop({ '/orders': { $ref: '#/constructor' } }), 'document.paths./orders refers to nothing'],
    [shop({ '/a': { $ref: '#/paths/~1a' } }), 'document.paths./a refers to another reference'],
  ])('is told with its place in it: %j', (document, expected) => {
    expect(errorsOf(document)[0]).toContain(expected)
  })

  it('is told all at once, but not without end', () => {
    const paths = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`/p${index}`, { get: 7 }]))
    expect(errorsOf(shop(paths))).toHaveLength(50)
  })

  it('may be its size: no more than 2000 operations are read', () => {
    const paths = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`/p${index}`, { get: operation(['x']) }]),
      )
    expect(errorsOf(shop(paths(2000)))).toEqual([])
    expect(errorsOf(shop(paths(2001)))).toEqual([
      'document.paths holds 2001 operations; at most 2000 are imported',
    ])
  })

  it('may be a path that no pattern says exactly: it is left out, and said so, never widened', () => {
    const paths = {
      '/files/{name}.json': { get: operation(['x']) },
      '/orders/{id}:cancel': { post: operation(['x']) },
      '/orders/': { get: operation(['x']) },
      '/größe': { get: operation(['x']) },
      '/orders': { trace: operation(['x']), get: operation(['x']) },
      '/a/../b': { get: operation(['x']) },
    }
    expect(sectionsOf(shop(paths))).toEqual({ x: ['GET /orders (read)'] })
    expect(skippedOf(shop(paths))).toEqual([
      'document.paths./files/{name}.json.get',
      'document.paths./orders/{id}:cancel.post',
      'document.paths./orders/.get',
      'document.paths./größe.get',
      'document.paths./orders.trace',
      'document.paths./a/../b.get',
    ])
  })
})

describe('a document whose parts are used again and again', () => {
  it('takes the work of reading each part once', () => {
    /** Half of the text is one list, the other half are paths that lead to it by reference. */
    const shared = (list: (size: number) => Document) => (size: number) => {
      const pathItem = { get: operation(['x'], list(size / 2)) }
      const refs = Array.from({ length: Math.min(size / 120, 2000) }, (_, index) => [
        `/p${index}`,
        { $ref: '#/components/pathItems/x' },
      ])
      return JSON.stringify(shop(Object.fromEntries(refs), { components: { pathItems: { x: pathItem } } }))
    }
    const lists: Readonly<Record<string, (size: number) => Document>> = {
      tags: (size) => ({ tags: Array.from({ length: size / 4 }, () => 'x') }),
      'long tags': (size) => ({ tags: Array.from({ length: 40 }, () => 'x'.repeat(size / 40)) }),
      servers: (size) => ({ servers: Array.from({ length: size / 14 }, () => ({ url: '/v1' })) }),
      'different servers': (size) => ({
        servers: Array.from({ length: size / 16 }, (_, index) => ({ url: `/${index}` })),
      }),
    }
    for (const [name, list] of Object.entries(lists))
      expect([
        name,
        growsTooFast((text) => readOpenApiDocument(JSON.parse(text), undefined), shared(list)),
      ]).toEqual([name, undefined])
  })

  it('is answered with short messages, however long what they name is', () => {
    const long = 'x'.repeat(100_000)
    const documents = [
      shop({ [`/${long}!{`]: { get: operation(['x']), put: operation(['x']) } }),
      shop({ [long]: {} }),
      shop({ '/a': { get: operation() } }, { servers: [{ url: `https://[${long}` }] }),
      shop({ '/a': { get: operation() } }, { servers: [{ url: `/{${long}}` }] }),
      shop(
        { '/a': { get: operation() } },
        { servers: [{ url: '/a' }, { url: '/b' }, { url: `/${long.slice(0, 3000)}` }] },
      ),
      shop(
        { '/a': { get: operation() } },
        { servers: Array.from({ length: 1000 }, (_, index) => ({ url: `/${index}` })) },
      ),
    ]
    for (const document of documents) {
      const read = readOpenApiDocument(document, undefined)
      expect(JSON.stringify(read.ok ? read.skipped : read.errors).length).toBeLessThan(1200)
    }
  })

  it('may not multiply a long default into a longer URL', () => {
    const servers = [{ url: '/{v}'.repeat(900), variables: { v: { default: 'x'.repeat(3000) } } }]
    expect(errorsOf(shop({ '/a': { get: operation() } }, { servers }))[0]).toContain('too long')
  })
})

describe('what documents of OpenAPI 3.1 do besides', () => {
  it('follows references that are escaped as a part of a URL (RFC 6901 section 6)', () => {
    const pathItems = { '/orders/{id}': { get: operation(['Orders']) } }
    const $ref = '#/components/pathItems/~1orders~1%7Bid%7D'
    expect(sectionsOf(shop({ '/orders/{id}': { $ref } }, { components: { pathItems } }))).toEqual({
      orders: ['GET /orders/{id} (read)'],
    })
    expect(errorsOf(shop({ '/a': { $ref: '#/components/%zz' } }))[0]).toContain('refers to nothing')
  })

  it('reads the operations beside a reference as well, unless both have one', () => {
    const pathItems = { orders: { get: operation(['Orders']), servers: [{ url: '/v1' }] } }
    const document = (more: Document) =>
      shop(
        { '/orders': { $ref: '#/components/pathItems/orders', summary: 'x', ...more } },
        { components: { pathItems } },
      )
    expect(sectionsOf(document({ post: operation(['Orders']) }))).toEqual({
      orders: ['GET /v1/orders (read)', 'POST /v1/orders (write)'],
    })
    expect(errorsOf(document({ get: operation(['Public']) }))).toEqual([
      'document.paths./orders has get both beside its $ref and in its target',
    ])
  })

  it('leaves out webhooks and callbacks, which the API calls and nobody calls on it, and all extensions', () => {
    const callbacks = { paid: { '{$request.body#/url}': { post: operation(['Callbacks']) } } }
    const document = shop(
      {
        '/orders': { get: operation(['Orders'], { callbacks, 'x-code': [] }), 'x-more': {} },
        'x-paths': { get: 1 },
      },
      { webhooks: { paid: { post: operation(['Hooks']) } }, 'x-tagGroups': [] },
    )
    expect(sectionsOf(document)).toEqual({ orders: ['GET /orders (read)'] })
  })

  it('asks for the text of a server variable that YAML has read as a number: 1.0 would become 1', () => {
    const servers = [{ url: '/v{version}', variables: { version: { default: 1.0 } } }]
    expect(errorsOf(shop({ '/orders': { get: operation() } }, { servers }))).toEqual([
      'document.servers use {version} whose default is not a string, or is too long; give the base path with basePath',
    ])
  })

  it('allows at most 50 tags on an operation', () => {
    const tags = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`)
    expect(errorsOf(shop({ '/a': { get: operation(tags(50)) } }))).toEqual([])
    expect(errorsOf(shop({ '/a': { get: operation(tags(51)) } }))).toEqual([
      'document.paths./a.get.tags must name at most 50 tags',
    ])
  })
})
