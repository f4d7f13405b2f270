import { resolve } from 'node:path'

/** Absolute: the stack is synthesised from other working directories too. */
export const projectRoot = resolve(import.meta.dirname, '../..')
