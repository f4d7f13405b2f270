import { consoleRows } from './console.ts'
import { decisionRows } from './decision.ts'
import { peerRows } from './peers.ts'
import type { Row } from './row.ts'
import { searchRows } from './search.ts'
import { sessionRows } from './sessions.ts'
import { startUpRows } from './start-up.ts'
import { storageRows } from './storage.ts'
import { whitelistRows } from './whitelist.ts'

const measures = {
  decision: decisionRows,
  sessions: sessionRows,
  peers: peerRows,
  storage: storageRows,
  search: searchRows,
  console: consoleRows,
  whitelist: whitelistRows,
  start: startUpRows,
}
const wanted = process.argv.slice(2)
const rows: Row[] = []
for (const [name, measure] of Object.entries(measures))
  if (wanted.length === 0 || wanted.includes(name)) rows.push(...(await measure()))

const isOver = ({ value, limit }: Row): boolean => limit !== null && value > limit
console.table(
  Object.fromEntries(
    rows.map((row) => [
      row.name,
      {
        value: Number(row.value.toPrecision(3)),
        unit: row.unit,
        limit: row.limit ?? '',
        holds: isOver(row) ? 'NO' : 'yes',
      },
    ]),
  ),
)
if (rows.some(isOver)) process.exitCode = 1
