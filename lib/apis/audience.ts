import { hash } from 'node:crypto'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'

/** Hashed: the text is a URI of any length and characters. */
export const audienceClaimKey = (audience: string): Key => keys.audienceClaim(hash('sha256', audience, 'hex'))
