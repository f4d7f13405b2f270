import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { problems } from '../../lib/contract/problem.ts'
import { denialReasons } from '../../lib/decision/decide.ts'
import { domainErrorCodes } from '../../lib/effects/domain-error.ts'
import { refusalCode } from '../../lib/http/refusal.ts'
import { errorGuide } from '../../lib/reference/openapi/error-guide.ts'

const rowsOf = (file: string): string[][] =>
  readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '))

describe('docs/errors.md', () => {
  it('has one row for each code, with its status, its meaning and what to do', () => {
    const expected = domainErrorCodes.map((code) => {
      const { status, title } = problems[code]
      const { meaning, remedy } = errorGuide[code]
      return [`\`${code}\``, String(status), `${title}. ${meaning}`, remedy]
    })
    const byCode = (a: readonly string[], b: readonly string[]) => String(a[0]).localeCompare(String(b[0]))
    expect(rowsOf('errors.md').toSorted(byCode)).toEqual(expected.toSorted(byCode))
  })
})

describe('docs/denials.md', () => {
  it('explains each reason in the order of the checks, with what the caller hears', () => {
    const rows = rowsOf('denials.md')
    expect(rows.map(([reason, heard]) => [reason, heard])).toEqual(
      denialReasons.map((reason) => [`\`${reason}\``, `\`${refusalCode(reason)}\``]),
    )
    for (const row of rows) {
      expect(row).toHaveLength(4)
      for (const cell of row) expect(cell).not.toBe('')
    }
  })
})
