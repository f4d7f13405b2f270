import { decisionRows } from './decision.ts'
import type { Row } from './row.ts'
import { sessionRows } from './sessions.ts'
import { startUpRows } from './start-up.ts'
import { storageRows } from './storage.ts'
import { whitelistRows } from './whitelist.ts'

const rows: Row[] = []
for (const measure of [decisionRows, sessionRows, storageRows, whitelistRows, startUpRows])
  rows.push(...(await measure()))

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
