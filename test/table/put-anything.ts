import type { Shape } from '../../lib/effects/shape.ts'
import type { Key } from '../../lib/table/keys.ts'
import type { Item } from '../../lib/table/stored-item.ts'
import { put } from '../../lib/table/stored-item.ts'

/** Puts what no stored schema describes: a damaged item, or one of which only the key matters. */
export const putAnything = put<Shape<Key & Item>>
