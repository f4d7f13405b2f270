import type { DomainError } from '../../lib/effects/domain-error.ts'
import { log } from './log.ts'

/** A fault that a caller sees as a page, not as a problem, leaves its cause in the log. */
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
