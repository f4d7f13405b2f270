import { textOf } from '../../client/failure.ts'

/** What a browser holds in memory without trouble, about 60 MB. */
const mostRows = 100_000

/**
 * The rows of an export, each a line of JSON, from as many answers as there are and up to a limit.
 *
 * @param onRead how many rows were read so far
 * @param signal ends it, also when the last answer has come already
 * @throws what `fetchPage` throws; what `signal` was aborted with
 */
export const readExport = async (
  fetchPage: (cursor: string | undefined) => Promise<Response>,
  onRead: (rows: number) => void,
  signal: AbortSignal,
  most = mostRows,
): Promise<{ readonly lines: readonly string[]; readonly isWhole: boolean }> => {
  const lines: string[] = []
  let cursor: string | undefined
  do {
    const response = await fetchPage(cursor)
    for (const line of (await textOf(response)).split('\n')) if (line !== '') lines.push(line)
    signal.throwIfAborted()
    cursor = response.headers.get('postern-next-cursor') ?? undefined
    onRead(Math.min(lines.length, most))
  } while (cursor !== undefined && lines.length < most)
  const isWhole = cursor === undefined && lines.length <= most
  return { lines: lines.slice(0, most), isWhole }
}
