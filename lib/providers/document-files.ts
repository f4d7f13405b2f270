import { readdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FetchDocument } from './download.ts'

/** A folder answers with the names in it, one a line, as a page would link them. */
const fetchFile = async (url: string): Promise<Response> => {
  const path = fileURLToPath(url)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return new Response(null, { status: 404 })
  if (found.isDirectory()) return new Response((await readdir(path)).join('\n'))
  return new Response(await readFile(path))
}

/** For copies on this machine: `file:` URLs are read, all others go on to `fetchDocument`. */
export const withFiles =
  (fetchDocument: FetchDocument): FetchDocument =>
  (url, init) =>
    url.startsWith('file:') ? fetchFile(url) : fetchDocument(url, init)
