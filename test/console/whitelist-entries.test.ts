import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { readEntries } from '../../console/screens/user/whitelist-entries.ts'
import { whitelist } from '../../lib/contract/fields.ts'

const good = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('203.0.113.0/24', '2001:db8::/32', 'AWS', 'AWS:eu-west-1', 'AZURE:Storage.WestEurope'),
)
const separator = fc.constantFrom('\n', ',', '\r\n', ' , ', '\n\n', '\n \t\n', ',,')

describe('the entries of a text', () => {
  it('are those that were typed, in order, however they are set apart', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(good, separator)), separator, (typed, before) => {
        const text = before + typed.map(([entry, after]) => `${entry}${after}`).join('')
        const { entries, faults } = readEntries(text)
        expect(entries).toEqual(typed.map(([entry]) => entry))
        expect(faults).toEqual([])
      }),
    )
  })

  it('have a fault exactly where the API refuses the form of the entry', () => {
    const anything = fc.oneof(
      good,
      fc.string({ maxLength: 30 }),
      fc.tuple(fc.ipV4(), fc.integer({ min: -1, max: 40 })).map((parts) => parts.join('/')),
      fc.constantFrom(
        '0.0.0.0/0',
        '::/0',
        '010.0.0.1',
        '10.0.0.1-10.0.0.9',
        '*',
        '[::1]',
        '1.2.3.4:80',
        'GCP',
      ),
    )
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 6 }), (typed) => {
        const { entries, faults } = readEntries(typed.join('\n'))
        const refused = entries.filter((entry) => !z.safeParse(whitelist, [entry]).success)
        expect(faults.map(({ text }) => text)).toEqual(refused)
        for (const { message } of faults) expect(message).not.toBe('')
      }),
    )
  })

  it('of nothing but space are none, which lifts the restriction', () => {
    expect(readEntries(' \n,\t\n')).toEqual({ entries: [], faults: [] })
  })
})
