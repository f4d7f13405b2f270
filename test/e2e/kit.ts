import { it as plain } from 'vitest'
import { startLaptop } from './laptop.ts'

/**
 * Tests that share a running service with the other files of their worker. A file takes names, source addresses and e-mail addresses
 * that no other file takes, and puts back what it changes for everybody. A file that cannot do so starts a service of its own.
 */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures this one needs
export const it = plain.extend('laptop', { scope: 'worker' }, async ({}, { onCleanup }) => {
  const laptop = await startLaptop()
  onCleanup(async () => {
    const code = await laptop.stop()
    if (code !== 0) throw new Error(`the shared service stopped with ${code}:\n${laptop.output()}`)
  })
  return laptop
})
