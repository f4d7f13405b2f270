import * as z from 'zod'
import { factorId, shownInstant as instant } from '../contract/fields.ts'
import type { StoredFactor } from './stored-factors.ts'
import { factorKinds } from './stored-factors.ts'

export const SecondFactor = z
  .object({
    factorId,
    kind: z.enum(factorKinds),
    name: z.string(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'SecondFactor' })
export type SecondFactor = z.infer<typeof SecondFactor>

export const factorView = ({
  factorId: id,
  factorKind,
  name,
  createdAt,
  lastUsedAt,
}: StoredFactor): SecondFactor => ({ factorId: id, kind: factorKind, name, createdAt, lastUsedAt })

export const exampleFactor: SecondFactor = {
  factorId: 'fac_a1b2c3d4e5f6',
  kind: 'passkey',
  name: 'Laptop',
  createdAt: '2026-11-22T09:00:00.000Z',
  lastUsedAt: null,
}
