import { faultText } from '../../lib/effects/fault-text.ts'
import type { Log, LogEntry } from '../../lib/effects/log-entry.ts'
import { optional } from './environment.ts'

/** Alarms count these events, so they are logged at every level. */
const faults: readonly LogEntry['event'][] = [
  'request_failed',
  'authorizer_fault',
  'rate_limit_not_counted',
  'provider_list_refused',
  'provider_list_too_old',
  'provider_narrowings_lost',
  'mail_failed',
  'expiry_warning_failed',
  'expiry_warnings_left',
]

/** The others are of INFO, which these leave out. SILENT is for tests, and leaves out everything. */
const level = optional('LOG_LEVEL')
const areFaultsOnly = level === 'WARN' || level === 'ERROR'

/**
 * One line of JSON, past the console, which Lambda would wrap into a line of its own.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export const writeLine = (line: object): void => {
  const text = JSON.stringify(line)
  if (level !== 'SILENT') process.stdout.write(`${text}\n`)
}

/** One line per event, with the fields of `LogEntry` and the two by which Lambda filters: no others. */
export const log: Log = (entry) => {
  const isFault = faults.includes(entry.event)
  if (isFault || !areFaultsOnly)
    writeLine({ level: isFault ? 'ERROR' : 'INFO', timestamp: new Date().toISOString(), ...entry })
}

/** Logs a refusal that could not be recorded. The answer is not affected. */
export const noteFault = (fault: unknown): void =>
  log({
    event: 'refusal_not_noted',
    error: faultText(fault),
  })
