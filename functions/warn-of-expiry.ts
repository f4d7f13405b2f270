import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from 'aws-lambda'
import {
  readAdministrators,
  readEnding,
  readOrganizations,
  readUnwarned,
} from '../lib/credentials/expiry/expiry-store.ts'
import type { ExpiryWarnings } from '../lib/credentials/expiry/warn-of-expiry.ts'
import { warnOfExpiry } from '../lib/credentials/expiry/warn-of-expiry.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { writeTransaction } from '../lib/table/transaction.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)

/** Invoked by the schedule; ignores the event. */
export const handler = (
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<ExpiryWarnings> =>
  warnOfExpiry({
    readUnwarned: (...wanted) => readUnwarned(table, ...wanted),
    readOrganizations: (...wanted) => readOrganizations(table, ...wanted),
    readEnding: (...wanted) => readEnding(table, ...wanted),
    readAdministrators: (organizationId) => readAdministrators(table, organizationId),
    write: (writes) => writeTransaction(table, writes),
    now: Date.now,
    randomBytes: (size) => randomBytes(size),
    log,
    wait: (milliseconds) => wait(milliseconds),
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
  })
