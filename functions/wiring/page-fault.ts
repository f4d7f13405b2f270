import type { DomainError } from '../../lib/effects/domain-error.ts'
import { log } from './log.ts'

/** Logs the cause of an error that is answered with a page. */
export const logPageFault =
  (operation: string, requestId: string) =>
  ({ code, cause }: DomainError): void =>
    log({
      event: 'request_failed',
      operation,
      requestId,
      code,
      ...(cause instanceof Error ? { error: cause.name } : {}),
    })
