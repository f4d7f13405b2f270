import { snapshotReaders } from '../../lib/admission/snapshot-store.ts'
import { authorizerRetries, openTable } from '../../lib/table/document-client.ts'

/** For a bundle: what the authorizer reads, by the client that the bundles have. */
export const readersOf = (tableName: string) =>
  snapshotReaders(openTable(tableName, authorizerRetries, Math.random))
