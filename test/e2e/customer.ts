import { execFile } from 'node:child_process'
import type { Ask, Laptop, Mail, Reply } from './laptop.ts'
import { ask } from './laptop.ts'

/** What customers and their integrators do with the running service. */

export type Caller = (path: string, given?: Ask) => Promise<Reply>

/** Somebody who sends these headers with every request. */
export const callerWith =
  ({ api }: Laptop, headers: Readonly<Record<string, string>>): Caller =>
  (path, given = {}) =>
    ask(`${api}${path}`, { ...given, headers: { ...headers, ...given.headers } })

/** Runs a command line as somebody pastes it, and answers what it prints. */
export const paste = (command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile('sh', ['-c', command], { encoding: 'utf8' }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
  })

/** A revoked credential may live so long at protected APIs. */
export const withinCacheTime = { timeout: 60_000, interval: 200 }

/**
 * Of an organization, 60 refusals a minute are noted one by one. Where other tests have used them up, a request that is made again is
 * noted in the next minute.
 */
export const untilNoted = { timeout: 150_000, interval: 1000 }

/** Asks for a link and answers its token. */
export const resetTokenFor = async (laptop: Laptop, login: string, address: string): Promise<string> => {
  const isLink = ({ text }: Mail) => text.includes('token=')
  const asked = await ask(`${laptop.api}/v1/password-resets`, { body: { login } })
  if (asked.status !== 202) throw new Error(`no reset for ${login}: ${asked.text}`)
  const mail = await laptop.mailTo(address, isLink)
  return /[?&]token=([\w-]+)/.exec(mail.text)?.[1] ?? ''
}
