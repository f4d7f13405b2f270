import { readdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FetchDocument } from './download.ts'

/** For a folder, returns its file names, one per line, like the links of a page. */
const fetchFile = async (url: string): Promise<Response> => {
  const path = fileURLToPath(url)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return new Response(null, { status: 404 })
  if (found.isDirectory()) return new Response((await readdir(path)).join('\n'))
  return new Response(await readFile(path))
}

/** Reads `file:` URLs from this machine and passes all others to `fetchDocument`. */
export const withFiles =
  (fetchDocument: FetchDocument): FetchDocument =>
  (url, init) =>
    url.startsWith('file:') ? fetchFile(url) : fetchDocument(url, init)
