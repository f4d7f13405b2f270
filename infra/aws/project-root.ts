import { resolve } from 'node:path'

/** Absolute, because the stack is also synthesised from other working directories. */
export const projectRoot = resolve(import.meta.dirname, '../..')
