import { it as plain } from 'vitest'
import type { Laptop } from './laptop.ts'
import { startLaptop } from './laptop.ts'

/** Vitest opens a fixture of a worker once for each `it` that has it: this one, and that of the tests in the browser. */
let running: Promise<Laptop> | undefined

/**
 * Tests that share a running service with the other files of their worker. A file takes names, source addresses and e-mail addresses
 * that no other file takes, and puts back what it changes for everybody. A file that cannot do so starts a service of its own.
 */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures this one needs
export const it = plain.extend('laptop', { scope: 'worker' }, async ({}, { onCleanup }) => {
  running ??= startLaptop()
  const laptop = await running
  onCleanup(async () => {
    const code = await laptop.stop()
    if (code !== 0) throw new Error(`the shared service stopped with ${code}:\n${laptop.output()}`)
  })
  return laptop
})
