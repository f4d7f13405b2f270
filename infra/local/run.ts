import { helpText, readOptions } from './options.ts'
import { type RunningPostern, type Synthesise, startPostern } from './postern.ts'
import { StartError } from './start-error.ts'

type Environment = { readonly [name: string]: string | undefined }

const lostParentCheckMilliseconds = 500

/** Starts Postern, prints its addresses, serves until it is told to stop, and exits. */
export async function run(
  parameters: readonly string[],
  environment: Environment,
  synthesise: Synthesise,
): Promise<void> {
  process.stdout.on('error', () => {}) // `npm start | head` closes it.
  process.stderr.on('error', () => {})
  const stopping = new AbortController()
  const toldToStop = listenForStop(environment, stopping)
  let postern: RunningPostern
  try {
    const options = readOptions(parameters, environment)
    if (options === 'help') {
      process.stdout.write(helpText)
      process.exit(0)
    }
    postern = await startPostern({
      ...options,
      synthesise,
      signal: stopping.signal,
      report: (message) => console.error(message),
      print: (line) => console.log(line),
    })
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0)
    console.error(sentenceOf(error))
    process.exit(1)
  }
  announce(postern)
  const reason = await Promise.race([toldToStop, postern.broken])
  if (reason !== undefined) console.error(`${reason}: Postern stops.`)
  await postern.stop()
  process.exit(reason === undefined ? 0 : 1)
}

function listenForStop(environment: Environment, stopping: AbortController): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = () => {
      if (stopping.signal.aborted) return
      stopping.abort()
      resolve(undefined)
    }
    // npm forwards SIGTERM, and a terminal sends Ctrl-C to both processes, so a signal may arrive twice.
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    process.on('SIGHUP', stop)
    process.on('uncaughtException', (error) => {
      console.error(sentenceOf(error))
      process.exit(1)
    })
    const isUnderNpm = environment['npm_lifecycle_event'] !== undefined
    if (isUnderNpm) whenParentEnds(stop)
  })
}

/** npm cannot forward a SIGKILL; without this check the process would then hold the port for ever. */
function whenParentEnds(stop: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) stop()
  }, lostParentCheckMilliseconds)
  timer.unref()
}

function sentenceOf(error: unknown): string {
  if (error instanceof StartError) return error.message
  return `Postern cannot go on: ${error instanceof Error ? error.message : String(error)}`
}

const noProviderLists =
  'none loaded: AWS, GOOGLE, AZURE, CLOUDFLARE, DIGITAL_OCEAN let nobody in until a refresh succeeds (docs/whitelist.md)'

function announce(postern: RunningPostern): void {
  const { apiOrigin, mailboxOrigin, dataFolder, logFile, administrator, providerSources, backend } = postern
  const credentials =
    administrator === undefined
      ? ['The first administrator was made earlier; its credentials are not in this data folder.']
      : [
          `admin username: ${administrator.username}`,
          `admin password: ${administrator.password}`,
          `admin token: ${administrator.token}`,
        ]
  const lines = [
    '',
    'Postern is running on this machine, from the same template that `cdk deploy` deploys.',
    '',
    `API: ${apiOrigin}`,
    `console: ${apiOrigin}/console`,
    `docs: ${apiOrigin}/docs`,
    `mailbox: ${mailboxOrigin}`,
    `demo API: ${apiOrigin}/demo/orders`,
    ...(backend === undefined ? [] : [`your API: ${backend.origin} (${backend.target})`]),
    `data: ${dataFolder}`,
    `logs: ${logFile}`,
    `provider lists: ${providerSources === '' ? noProviderLists : `being loaded from ${providerSources}`}`,
    ...credentials,
    '',
    'For another terminal:',
    '',
    `export POSTERN=${apiOrigin}`,
    `export MAILBOX=${mailboxOrigin}`,
    ...(administrator === undefined ? [] : [`export TOKEN=${administrator.token}`]),
    '',
    'Ctrl-C stops it.',
  ]
  console.log(lines.join('\n'))
}
