import type { ExampleRequest } from './example-request.ts'
import { literal } from './literal.ts'

const words = new Map([
  [true, 'True'],
  [false, 'False'],
  [null, 'None'],
])
const word = (value: boolean | null): string => words.get(value) ?? ''
const written = (value: unknown, level: number): string =>
  literal(value, level, { key: JSON.stringify, word, padding: '', tab: 4 })

const environment = (name: string): string => `{os.environ['${name}']}`

/** Lines of their own before the request, and the header. */
const credentials: Readonly<
  Record<ExampleRequest['credential'], { readonly before: string; readonly line?: string }>
> = {
  bearer: { before: '', line: `"Authorization": f"Bearer ${environment('POSTERN_TOKEN')}"` },
  basic: {
    before: `key = f"${environment('POSTERN_KEY_ID')}:${environment('POSTERN_KEY_SECRET')}"\n`,
    line: '"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"',
  },
  none: { before: '' },
}

const bodyLines = (body: ExampleRequest['body']): string[] => {
  if (body.kind === 'json') return [`data=json.dumps(${written(body.value, 1)}).encode()`]
  if (body.kind === 'form')
    return [`data=urllib.parse.urlencode(${written(Object.fromEntries(body.fields), 1)}).encode()`]
  return []
}

const modules = ['base64', 'json', 'os', 'urllib.parse', 'urllib.request']

/** The request as Python with its standard library: nothing to install. */
export const pythonCode = (request: ExampleRequest): string => {
  const { method, url, credential, headers, body, answersJson } = request
  const { before, line } = credentials[credential]
  const headerLines = [
    ...(line === undefined ? [] : [line]),
    ...headers.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`),
  ]
  const options = [
    JSON.stringify(url),
    ...(method === 'GET' ? [] : [`method=${JSON.stringify(method)}`]),
    ...(headerLines.length === 0 ? [] : [`headers={\n        ${headerLines.join(',\n        ')},\n    }`]),
    ...bodyLines(body),
  ]
  const code = `${before}request = urllib.request.Request(
    ${options.join(',\n    ')},
)
with urllib.request.urlopen(request) as answer:
    print(answer.status, ${answersJson ? 'json.load(answer)' : 'answer.read().decode()'})`
  const needed = modules.filter((name) => new RegExp(String.raw`\b${name}\.`).test(code))
  return `${needed.map((name) => `import ${name}`).join('\n')}\n\n${code}`
}
