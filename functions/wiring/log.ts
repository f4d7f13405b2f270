import { Logger } from '@aws-lambda-powertools/logger'
import { faultText } from '../../lib/effects/fault-text.ts'
import type { Log, LogEntry } from '../../lib/effects/log-entry.ts'

const logger = new Logger()

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

/** One line of JSON per event, with the fields of `LogEntry` and no others. */
export const log: Log = (entry) => {
  if (faults.includes(entry.event)) logger.error(entry.event, { ...entry })
  else logger.info(entry.event, { ...entry })
}

/** Logs a refusal that could not be recorded. The answer is not affected. */
export const noteFault = (fault: unknown): void =>
  log({
    event: 'refusal_not_noted',
    error: faultText(fault),
  })
