import type { ExampleRequest } from './example-request.ts'

/** A shell expands nothing in single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const longestLine = 60

const dataOptions = (body: ExampleRequest['body']): string[] => {
  if (body.kind === 'none') return []
  if (body.kind === 'form')
    return body.fields.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)
  const short = JSON.stringify(body.value)
  return [`-d ${quoted(short.length > longestLine ? JSON.stringify(body.value, null, 2) : short)}`]
}

// Double quotes: the shell expands the variables, so that its history has no secret.
const credentialOptions: Readonly<Record<ExampleRequest['credential'], readonly string[]>> = {
  bearer: ['-H "Authorization: Bearer $POSTERN_TOKEN"'],
  basic: ['-u "$POSTERN_KEY_ID:$POSTERN_KEY_SECRET"'],
  none: [],
}

/** The request as a command to paste into a shell. */
export const curlCode = ({ method, url, credential, headers, body }: ExampleRequest): string =>
  [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`,
    ...credentialOptions[credential],
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...dataOptions(body),
  ].join(' \\\n  ')
