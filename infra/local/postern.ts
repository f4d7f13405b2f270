import { createServer, type Server } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { compiledFolder, sharedCacheFolder } from './build-cache.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.ts'
import { type Administrator, ensureAdministrator } from './first-administrator.ts'
import { bundleFunctions } from './function-bundles.ts'
import { openFunctionLog } from './function-log.ts'
import { createFunctions, type FunctionSet } from './function-set.ts'
import { closeServer } from './gateway.ts'
import { backendGatewayOf, gatewayIdIn, gatewayOf } from './gateways.ts'
import { openGates } from './iam/gates.ts'
import type { References } from './intrinsics.ts'
import { createKms } from './kms.ts'
import { listen, listenNear, refuseShadowedPort } from './listen.ts'
import { openMails } from './mail.ts'
import { createMailbox } from './mailbox.ts'
import { loadProviderLists, refreshFunction, sourcesVariable } from './provider-lists.ts'
import { localReferences, localRegion } from './references.ts'
import { registerBackend } from './register-backend.ts'
import { createRequestLines } from './request-lines.ts'
import { startSchedules } from './schedules.ts'
import { ensureSealingKey } from './sealing-key.ts'
import { ensureSigningKey } from './signing-key.ts'
import { StartError } from './start-error.ts'
import { startStreams } from './streams.ts'
import { entriesOf, functionsOf, keyIdsOf, schedulesOf, tablesOf } from './system.ts'
import { ensureTable } from './table.ts'
import type { Template } from './template.ts'

export type Synthesise = (cacheFolder: string, signal: AbortSignal) => Promise<Template>

export type PosternOptions = {
  readonly port: number
  readonly dataPath: string
  readonly fresh: boolean
  /** Suppresses the line for each request. */
  readonly quiet: boolean
  /** Most instances of functions at a time: all processes together stay under 700 MB with ten. */
  readonly instances: number
  readonly backend: URL | undefined
  readonly synthesise: Synthesise
  readonly signal: AbortSignal
  /** Prints a message to the terminal. */
  readonly report: (message: string) => void
  readonly print: (line: string) => void
}

export type RunningPostern = {
  readonly apiOrigin: string
  readonly mailboxOrigin: string
  readonly dataFolder: string
  readonly logFile: string
  readonly administrator: Administrator | undefined
  /** The developer's own API: the origin of its gateway, and its own. */
  readonly backend: { readonly origin: string; readonly target: string } | undefined
  /** The sources of cloud providers' address lists; empty = none. */
  readonly providerSources: string
  /** Resolves when an essential process has ended. */
  readonly broken: Promise<string>
  readonly stop: () => Promise<void>
}

const requestLimitMilliseconds = 3_000

/** Starts the system that the template describes. Leaves nothing running when it throws or is aborted. */
export async function startPostern(options: PosternOptions): Promise<RunningPostern> {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    return { ...(await start(options, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  options: PosternOptions,
  stops: (() => unknown)[],
): Promise<Omit<RunningPostern, 'stop'>> {
  const { signal, report } = options
  const now = Date.now
  const folder = openDataFolder(options.dataPath, options.fresh)
  stops.push(folder.release)
  const serve = async (server: Server, port: number, listenOn: typeof listen) => {
    const actual = await listenOn(server, port)
    stops.push(() => closeServer(server, requestLimitMilliseconds))
    return actual
  }
  await refuseTakenPort(options.port)

  const cacheFolder = sharedCacheFolder() ?? folder.at('builds')
  const { template, bundles, database } = await startParts(folder, cacheFolder, options, stops)
  signal.throwIfAborted()

  // Only the port's number is used here: the gateway listens when the functions are ready.
  const keys = await makeKeys(template, folder)
  const apiPort = options.port
  const apiOrigin = `http://localhost:${apiPort}`
  const keyIds = new Map(
    [...keys.signing, ...keys.sealing].map(([logicalId, { keyId }]) => [logicalId, keyId]),
  )
  const references = localReferences(template, { apiOrigin, keyIds })

  const kmsPort = await serve(createKms([...keys.signing.values()], [...keys.sealing.values()]), 0, listen)
  const mailboxPort = await serve(createMailbox(openMails(folder.at('mails')), now), apiPort + 1, listenNear)
  const mailboxOrigin = `http://localhost:${mailboxPort}`

  const tables = await step('Preparing the table', prepareTables(template, references, database, folder))
  signal.throwIfAborted()
  const definitions = functionsOf(template, references)
  const services = {
    dynamodb: database.endpoint,
    kms: `http://127.0.0.1:${kmsPort}`,
    ses: `http://127.0.0.1:${mailboxPort}`,
  }
  const serveGate = (server: Server) => serve(server, 0, listen)
  const gates = await openGates(services, { template, references, definitions, serve: serveGate, report })
  const lines = createRequestLines(options.quiet ? () => {} : options.print, now)
  const writeLog = openFunctionLog(folder.at('log'))
  const functions = createFunctions(definitions, {
    endpoints: { ...gates, emptyFolder: folder.at('builds'), taskRoot: bundles.taskRoot },
    bundles,
    instanceLimit: options.instances,
    compileCacheFolder: compiledFolder(cacheFolder),
    log: (name, line) => {
      writeLog(name, line)
      lines.heard(line)
    },
    report,
  })
  stops.push(functions.stop)

  const administrator = await makeAdministrator(template, functions, folder, tables)
  signal.throwIfAborted()

  const streams = startStreams({
    template,
    references,
    functions,
    folder,
    client: new DynamoDBStreamsClient(clientOptions(database)),
    tables,
    now,
    report,
  })
  stops.push(streams.stop)
  const surroundings = { template, references, functions, now, answered: lines.answered }
  await serve(gatewayOf(surroundings), apiPort, listen)
  const backend = options.backend && {
    origin: `http://localhost:${await serve(backendGatewayOf(options.backend, surroundings, report), apiPort + 2, listenNear)}`,
    target: options.backend.href,
  }
  if (backend !== undefined) await registerBackend(apiOrigin, administrator?.token, report)
  const refresh = definitions.find(({ name }) => name === refreshFunction)
  const providerSources = refresh?.environment[sourcesVariable] ?? ''
  const schedules = startSchedules(
    // By default nothing is loaded from the Internet.
    schedulesOf(template, references).filter(
      ({ functionId }) => functionId !== refresh?.logicalId || providerSources !== '',
    ),
    ({ functionId, event }) =>
      functionId === refresh?.logicalId
        ? loadProviderLists(functions, signal, report)
        : functions.byId(functionId).invoke(event),
  )
  stops.push(schedules.stop)

  return {
    apiOrigin,
    mailboxOrigin,
    dataFolder: folder.path,
    logFile: folder.at('log'),
    administrator,
    providerSources,
    backend,
    broken: database.gone.then(() => 'DynamoDB Local has ended'),
  }
}

/** Checks the port before anything is started; the gateway itself listens last. */
async function refuseTakenPort(port: number): Promise<void> {
  const probe = createServer()
  await listen(probe, port)
  await closeServer(probe, 0)
  await refuseShadowedPort(port)
}

async function startParts(
  folder: DataFolder,
  cacheFolder: string,
  { synthesise, signal }: PosternOptions,
  stops: (() => unknown)[],
) {
  const loadCode = async () => {
    const template = await step('Synthesising the stack', synthesise(cacheFolder, signal))
    const entries = entriesOf(template)
    return { template, bundles: await step('Bundling the functions', bundleFunctions(entries, cacheFolder)) }
  }
  const [code, database] = await Promise.allSettled([
    loadCode(),
    step('Starting DynamoDB Local', startDynamoDbLocal({ dataFolder: folder.at('database'), signal })),
  ])
  if (database.status === 'fulfilled') stops.push(database.value.stop)
  // Reported first, because nothing runs without Java.
  if (database.status === 'rejected') throw database.reason
  if (code.status === 'rejected') throw code.reason
  return { ...code.value, database: database.value }
}

async function makeKeys(template: Template, folder: DataFolder) {
  const { signing, sealing } = keyIdsOf(template)
  const made = signing.map(
    async (logicalId) => [logicalId, await ensureSigningKey(folder.at('keys'), logicalId)] as const,
  )
  return {
    signing: new Map(await step('Making the keys', Promise.all(made))),
    sealing: new Map(
      sealing.map((logicalId) => [logicalId, ensureSealingKey(folder.at('keys'), logicalId)] as const),
    ),
  }
}

const clientOptions = ({ endpoint }: DynamoDbLocal) => ({
  endpoint,
  region: localRegion,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})

type LocalTable = { readonly created: boolean; readonly streamArn: string | undefined }

async function prepareTables(
  template: Template,
  references: References,
  database: DynamoDbLocal,
  folder: DataFolder,
): Promise<Map<string, LocalTable>> {
  const client = new DynamoDBClient(clientOptions(database))
  const tables = new Map<string, LocalTable>()
  for (const { logicalId, properties } of tablesOf(template, references)) {
    try {
      tables.set(logicalId, await ensureTable(client, logicalId, properties))
    } catch (error) {
      if (error instanceof StartError) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new StartError(
        `The database in ${folder.at('database')} cannot be used (${reason}): begin anew with \`npm start -- --fresh\`.`,
      )
    }
  }
  client.destroy()
  return tables
}

async function makeAdministrator(
  template: Template,
  functions: FunctionSet,
  folder: DataFolder,
  tables: ReadonlyMap<string, LocalTable>,
): Promise<Administrator | undefined> {
  const bootstrap = functions.byName('bootstrap')
  if (bootstrap === undefined) return undefined
  const isNewTable = [...tables.values()].some(({ created }) => created)
  return step(
    'Making the first administrator',
    ensureAdministrator(folder.at('administrator'), isNewTable, gatewayIdIn(template), bootstrap),
  )
}

const worthALineMilliseconds = 1_000

/** Waits for a step and prints its label if it takes over a second. */
async function step<Result>(label: string, work: Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => console.log(`${label} …`), worthALineMilliseconds)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}
