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

/** WARN leaves out the lines of INFO. SILENT is for tests, and leaves out everything. */
const level = optional('LOG_LEVEL')

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
  const severity = severityOf(entry)
  if (severity !== 'INFO' || level !== 'WARN')
    writeLine({ level: severity, timestamp: new Date().toISOString(), ...entry })
}

/** A refusal or a smaller fault says why: it is logged at every level, too. */
const severityOf = ({ event, reason, code, error }: LogEntry): 'ERROR' | 'WARN' | 'INFO' => {
  if (faults.includes(event)) return 'ERROR'
  return (reason ?? code ?? error) === undefined ? 'INFO' : 'WARN'
}

/**
 * Logs every denial, and an allow with the probability `rate`, whatever it is about. The line says the rate, so that the sum of
 * 1 / `samplingRate` estimates the number of allows without bias.
 *
 * @param chance a random number from 0 to 1, 1 excluded
 */
export const sampledDecisions =
  (rate: number, chance: () => number, to: Log): Log =>
  (entry) => {
    if (entry.status !== 200 || rate === 1) to(entry)
    else if (chance() < rate) to({ ...entry, samplingRate: rate })
  }

/** Logs a fault that does not affect the answer. */
export const logFault =
  (event: LogEntry['event']) =>
  (fault: unknown): void =>
    log({ event, error: faultText(fault) })
