import type { ExampleRequest } from './example-request.ts'
import { literal } from './literal.ts'

const key = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name))
const written = (value: unknown, level: number): string =>
  literal(value, level, { key, word: String, padding: ' ', tab: 2 })

const environment = (name: string): string => `\${process.env.${name}}`

const credentials: Readonly<Record<ExampleRequest['credential'], readonly string[]>> = {
  bearer: [`Authorization: \`Bearer ${environment('POSTERN_TOKEN')}\``],
  basic: [
    `Authorization: \`Basic \${btoa(\`${environment('POSTERN_KEY_ID')}:${environment('POSTERN_KEY_SECRET')}\`)}\``,
  ],
  none: [],
}

const bodyLines = (body: ExampleRequest['body']): string[] => {
  if (body.kind === 'json') return [`body: JSON.stringify(${written(body.value, 1)})`]
  if (body.kind === 'form')
    return [`body: new URLSearchParams(${written(Object.fromEntries(body.fields), 1)})`]
  return []
}

/** The request as TypeScript with `fetch`, for Node. */
export const typescriptCode = (request: ExampleRequest): string => {
  const { method, url, credential, headers, body, answersJson } = request
  const headerLines = [
    ...credentials[credential],
    ...headers.map(([name, value]) => `${key(name)}: ${JSON.stringify(value)}`),
  ]
  const options = [
    ...(method === 'GET' ? [] : [`method: ${JSON.stringify(method)}`]),
    ...(headerLines.length === 0 ? [] : [`headers: {\n    ${headerLines.join(',\n    ')},\n  }`]),
    ...bodyLines(body),
  ]
  const given = options.length === 0 ? '' : `, {\n  ${options.join(',\n  ')},\n}`
  return `const answer = await fetch(${JSON.stringify(url)}${given})
console.log(answer.status, await answer.${answersJson ? 'json' : 'text'}())`
}
