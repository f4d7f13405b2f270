import { parseArgs } from 'node:util'
import { StartError } from './start-error.ts'

type Environment = { readonly [name: string]: string | undefined }

export type Options = {
  readonly port: number
  readonly dataPath: string
  readonly fresh: boolean
  readonly quiet: boolean
  /** Most instances of functions at a time. */
  readonly instances: number
  /** Origin of the developer's own API, which is put behind the authorizer. */
  readonly backend: URL | undefined
}

const known = {
  fresh: { type: 'boolean', default: false },
  backend: { type: 'string' },
  port: { type: 'string' },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export const helpText = `npm start -- [options]

  --backend URL   put the API at this URL behind the authorizer, such as http://localhost:4000
  --port NUMBER   port of Postern's API (3000); the mailbox takes the next one that is free
  --fresh         delete the data and begin anew
  --quiet         print no line for each request
  --help          show this

Environment:
  PORT                      the same as --port
  POSTERN_DATA              the folder of the data (.postern)
  POSTERN_SETTINGS          the settings file (postern.json)
  POSTERN_INSTANCES         functions that stay loaded at a time (10); each takes some 20 MB
  POSTERN_PROVIDER_SOURCES  where the address lists of cloud providers are loaded from (docs/whitelist.md)
`

/** Reads the options from the command line and the environment. Throws a StartError that names what is wrong. */
export function readOptions(parameters: readonly string[], environment: Environment): Options | 'help' {
  const { values } = parsed(parameters)
  if (values.help) return 'help'
  return {
    port: portOf(
      values.port ?? (environment['PORT'] || '3000'),
      values.port === undefined ? 'PORT' : '--port',
    ),
    dataPath: environment['POSTERN_DATA'] || '.postern',
    fresh: values.fresh,
    quiet: values.quiet,
    instances: instancesOf(environment['POSTERN_INSTANCES'] || '10'),
    backend: values.backend === undefined ? undefined : backendOf(values.backend),
  }
}

function parsed(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], options: known, allowPositionals: false })
  } catch (error) {
    const all = Object.keys(known).map((name) => `--${name}`)
    const reason = error instanceof Error ? error.message.split('. ')[0] : ''
    throw new StartError(`${reason}: Postern knows ${all.join(', ')}, as in \`npm start -- --fresh\`.`)
  }
}

function portOf(text: string, source: string): number {
  const port = Number(text)
  const isPort = /^\d+$/.test(text) && port >= 1 && port <= 65_535
  if (!isPort) throw new StartError(`${source} must be a number from 1 to 65535, not "${text}".`)
  return port
}

function instancesOf(text: string): number {
  const instances = Number(text)
  const isLimit = /^\d+$/.test(text) && instances >= 1 && instances <= 100
  if (!isLimit) throw new StartError(`POSTERN_INSTANCES must be a number from 1 to 100, not "${text}".`)
  return instances
}

function backendOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isBase =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  if (!isBase) throw new StartError(`--backend must be a URL such as http://localhost:4000, not "${text}".`)
  return url
}
