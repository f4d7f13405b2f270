import { describe, expect, it } from 'vitest'
import { errorCodesOf } from '../../lib/contract/error-codes.ts'
import { problems } from '../../lib/contract/problem.ts'
import { domainErrorCodes } from '../../lib/effects/domain-error.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { parametersBehind, responseBehind } from '../../lib/reference/openapi/document.ts'
import { buildOpenApi, documentedPath } from '../../lib/reference/openapi/openapi.ts'
import { curlCode } from '../../lib/reference/page/code/curl.ts'
import { exampleRequest } from '../../lib/reference/page/code/example-request.ts'
import { html } from '../../lib/reference/page/markup.ts'
import { referencePage } from '../../lib/reference/page/reference-page.ts'

const origin = 'https://api.example.com'
const document = buildOpenApi({ endpoints, problems, origin })
const page = referencePage(document, [{ name: 'access', title: 'Access' }], {
  script: '/assets/reference.js',
  style: '/assets/reference.css',
  searchIndex: '/assets/search.json',
})

describe('the reference page', () => {
  it('loads one script and one style sheet, and has none of its own', () => {
    expect(
      [...page.matchAll(/<(?:script|link|img|iframe|object|base)\b[^>]*>/g)].map(([tag]) => tag),
    ).toEqual([
      '<link rel="stylesheet" href="/assets/reference.css">',
      '<script type="module" src="/assets/reference.js">',
    ])
    expect(page).toContain('reference.js"></script>')
    expect(page).not.toMatch(/<style|<form|\sstyle=|\son\w+=|javascript:|url\(/i)
  })

  it('has an anchor for every error code, where the `type` of a problem leads', () => {
    for (const code of domainErrorCodes) expect(page).toContain(`id="error-${code}"`)
  })

  it('has every id once, and only links that lead to one', () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1])
    expect(new Set(ids).size).toBe(ids.length)
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1])
    expect(targets.filter((target) => !ids.includes(target))).toEqual([])
    const named = [...page.matchAll(/aria-labelledby="([^"]+)"/g)].map((match) => match[1])
    expect(named.filter((name) => !ids.includes(name))).toEqual([])
  })

  it.each(endpoints.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    'shows %s with its path, permission, fields and error codes',
    (operationId, endpoint) => {
      const start = page.indexOf(`<article id="${operationId}"`)
      const article = page.slice(start, page.indexOf('</article>', start))
      expect(article.replaceAll('<wbr>', '')).toContain(`<code>${documentedPath(endpoint)}</code>`)
      expect(article).toContain('Needs ')
      if (typeof endpoint.access === 'object') expect(article).toContain(endpoint.access.section)
      const operation = document.paths[documentedPath(endpoint)]?.[endpoint.method.toLowerCase()]
      const answers = Object.values(operation?.responses ?? {}).map((answer) =>
        responseBehind(document, answer),
      )
      const shown = answers.flatMap((answer) => answer?.['x-postern-codes'] ?? [])
      const words = answers.flatMap((answer) => answer?.['x-oauth-errors'] ?? [])
      expect(shown.length + words.length).toBeGreaterThanOrEqual(2)
      for (const word of words) expect(article).toContain(`<code>${word}</code>`)
      for (const code of shown) {
        expect(errorCodesOf(endpoint)).toContain(code)
        expect(article).toContain(`href="#error-${code}"`)
      }
      for (const { name } of parametersBehind(document, operation ?? {}))
        expect(article).toContain(`<code>${name}</code>`)
      expect(article).toContain(endpoint.tag === 'console' ? 'Only pages of the console' : 'curl ')
      const { example, mediaType } = endpoint.response
      if (example !== undefined && mediaType === 'application/json')
        expect(article).toContain(
          `<h4>Answer <span class="status good">${endpoint.response.status}</span></h4>`,
        )
    },
  )

  it('has landmarks, one title and headings that skip no level', () => {
    for (const tag of ['<html lang="en">', '<header', '<nav aria-label', '<main', '<footer']) {
      expect(page).toContain(tag)
    }
    const levels = [...page.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
    })
  })
})

describe('the markup', () => {
  it('escapes every text that is put into it, and takes markup as it is', () => {
    const text = `<a href="x" title='y'>&`
    expect(html`<p>${text}</p>`.markup).toBe('<p>&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;</p>')
    expect(html`<p>${html`<b>${text}</b>`}</p>`.markup).toContain('<p><b>&lt;a')
    expect(html`${[html`<i>1</i>`, html`<i>2</i>`]}`.markup).toBe('<i>1</i><i>2</i>')
  })
})

describe('the curl commands', () => {
  const commandFor = (path: string, method: string) => {
    const operation = document.paths[path]?.[method]
    if (operation === undefined) throw new Error(`${method} ${path} is missing`)
    return curlCode(exampleRequest(document, method, path, operation))
  }

  it('leave nothing for the reader to fill in but the credential', () => {
    expect(commandFor('/v1/users/{userId}', 'patch')).toBe(
      [
        `curl -X PATCH 'https://api.example.com/v1/users/usr_4k2m9x7q1w8e5r3t'`,
        '-H "Authorization: Bearer $POSTERN_TOKEN"',
        "-H 'Content-Type: application/json'",
        `-d '{"status":"disabled","version":2}'`,
      ].join(' \\\n  '),
    )
    expect(commandFor('/health', 'get')).toBe(`curl 'https://api.example.com/health'`)
  })

  it('send forms as forms, with the client in Basic', () => {
    expect(commandFor('/oauth/token', 'post')).toContain(
      '-u "$POSTERN_KEY_ID:$POSTERN_KEY_SECRET" \\\n  --data-urlencode \'grant_type=client_credentials\'',
    )
  })

  it('keep a quote in an example from ending the argument', () => {
    const operation = document.paths['/v1/auth/login']?.['post']
    if (operation === undefined) throw new Error('login is missing')
    const content = { 'application/json': { schema: {}, example: { username: "o'brien; rm -rf ~" } } }
    const request = { ...operation, requestBody: { required: true, content } }
    const command = curlCode(exampleRequest(document, 'post', '/v1/auth/login', request))
    expect(command).toContain(String.raw`-d '{"username":"o'\''brien; rm -rf ~"}'`)
  })
})
