import type { OpenApiDocument, Operation, Parameter } from '../openapi/document.ts'
import { parametersBehind } from '../openapi/document.ts'

/** A shell expands nothing in single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const filled = (path: string, parameters: readonly Parameter[]): string =>
  parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, { name, example }) => text.replace(`{${name}}`, String(example ?? name)), path)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const longestLine = 60

const dataOptions = (operation: Operation): string[] => {
  const [entry] = Object.entries(operation.requestBody?.content ?? {})
  if (entry === undefined) return []
  const [mediaType, { example }] = entry
  if (mediaType === 'application/x-www-form-urlencoded') {
    const fields = isRecord(example) ? Object.entries(example) : []
    return fields.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${String(value)}`)}`)
  }
  const short = JSON.stringify(example ?? {})
  const text = short.length > longestLine ? JSON.stringify(example, null, 2) : short
  return [`-H ${quoted(`Content-Type: ${mediaType}`)}`, `-d ${quoted(text)}`]
}

const credentialOptions = ({ security }: Operation): string[] => {
  const accepts = (scheme: string) => security.some((alternative) => scheme in alternative)
  // Double quotes: the shell expands the variables, so that its history has no secret.
  if (accepts('bearer')) return ['-H "Authorization: Bearer $POSTERN_TOKEN"']
  if (accepts('basic')) return ['-u "$POSTERN_KEY_ID:$POSTERN_KEY_SECRET"']
  return []
}

/** The request as a command to paste into a shell. */
export const curlCommand = (
  document: OpenApiDocument,
  method: string,
  path: string,
  operation: Operation,
): string => {
  const origin = document.servers[0]?.url ?? ''
  const url = `${origin}${filled(path, parametersBehind(document, operation))}`
  const methodOption: Readonly<Record<string, string>> = { get: '', head: '--head ' }
  return [
    `curl ${methodOption[method] ?? `-X ${method.toUpperCase()} `}${quoted(url)}`,
    ...credentialOptions(operation),
    // Endpoints that can answer 406 need it; curl sends */*.
    ...('406' in operation.responses ? [`-H ${quoted('Accept: application/json')}`] : []),
    ...dataOptions(operation),
  ].join(' \\\n  ')
}
