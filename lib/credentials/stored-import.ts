import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'

/** `IMPORTED#<SHA-256>` / `CLAIM`: whose credential a text is that does not say so itself. */
export const StoredImport = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.importedCredential),
  keyId: z.string(),
})
export type StoredImport = z.infer<typeof StoredImport>
