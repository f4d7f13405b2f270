import * as z from '../effects/shape.ts'
import type { Key } from './keys.ts'
import { itemKinds } from './schema.ts'

/** The attributes that every stored schema begins with. */
export const itemShape = <K extends keyof typeof itemKinds>(kind: K) => ({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds[kind]),
})

export type Item = Readonly<Record<string, unknown>>

/** Of one write. Without a text, the write takes place whatever is there. */
export type Condition = {
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: Item
}

declare class Typed {
  private readonly typed: never
}
/** An item that its stored schema admits. Only `put` makes one: literals and copies of it lack the private member. */
export type StoredItem = Key & Item & Typed

/**
 * A write that puts an item. The stored schema must be named, `put<typeof StoredUser>('user', user)`, and the item must have its output
 * type. The schema is not run.
 */
export const put = <S extends z.Shape<Key> = never>(
  label: string,
  item: z.output<S>,
  condition: Condition = {},
): { readonly label: string; readonly put: StoredItem } & Condition => ({
  label,
  put: item as Key as StoredItem,
  ...condition,
})
