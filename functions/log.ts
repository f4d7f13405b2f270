import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from '../lib/http/log-entry.ts'

const logger = new Logger()

/** One line of JSON per event, with the fields of `LogEntry` and no others. */
export const log: Log = (entry) => {
  const isFault = entry.event === 'request_failed'
  if (isFault) logger.error(entry.event, { ...entry })
  else logger.info(entry.event, { ...entry })
}

/** A refusal that could not be written down; its answer was given all the same. */
export const noteFault = (fault: unknown): void =>
  log({
    event: 'refusal_not_noted',
    error: fault instanceof Error ? `${fault.name}: ${fault.message}` : 'unknown',
  })
