import { afterAll } from 'vitest'
import { tidy } from './tidy.ts'

afterAll(tidy)
