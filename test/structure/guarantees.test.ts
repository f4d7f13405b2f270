import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const page = readFileSync('docs/security.md', 'utf8')

const rowIds = [
  ...['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10'],
  ...['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7'],
  ...['U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7', 'U8', 'U9', 'U11'],
  ...['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8'],
  ...['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'],
  ...['F1', 'F2', 'F3', 'F4', 'F5'],
  ...['A1', 'A2', 'A3'],
  ...['O2'],
]

const rows = [...page.matchAll(/^\| ([RLUTIFAO]\d+) \| [^|]+ \| ([^|]+) \|$/gm)].map(
  ([, id = '', cell = '']) => ({
    id,
    cell,
    proofs: [...cell.matchAll(/`(test\/[^`]+)`(?: "([^"]+)")?/g)].map(([, file = '', name]) => ({
      file,
      name,
    })),
  }),
)

describe('the table of guarantees', () => {
  it('has each row once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(rowIds)
  })

  it.each(rows)('names tests that are there for $id, or says that there are none', ({ id, cell, proofs }) => {
    expect(proofs.length > 0 || /not yet/i.test(cell)).toBe(true)
    for (const { file, name } of proofs) {
      expect([file, existsSync(file)]).toEqual([file, true])
      const text = readFileSync(file, 'utf8')
      const isNamed = name === undefined ? new RegExp(`\\b${id}\\b`).test(text) : text.includes(name)
      expect([file, name ?? id, isNamed]).toEqual([file, name ?? id, true])
    }
  })
})
