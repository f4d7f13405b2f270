import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import type { RandomBytes } from '../lib/secrets/secret-text.ts'
import type { Table } from '../lib/table/document-client.ts'
import type { Write, WriteTransaction } from '../lib/table/transaction.ts'
import { writeTransaction } from '../lib/table/transaction.ts'
import { refusalCode } from './contract/refusal-code.ts'
import { allItems } from './fresh-table.ts'

type Item = Record<string, unknown>

/** What a use case writes by and takes its ids from. */
export type Hands = { readonly write: WriteTransaction; readonly randomBytes: RandomBytes }

/** A use case with what it is asked for. */
export type Deed = (hands: Hands) => Promise<unknown>

/** One of the conditions of one write, by what an outcome calls the write. */
export type Term = { readonly label: string; readonly text: string }

const keyOf = ({ pk, sk }: Item): string => `${pk} ${sk}`

/** What is joined by AND, but not within parentheses. */
const termsOf = (condition: string): string[] => {
  const terms: string[] = []
  for (const part of condition.split(' AND ')) {
    const open = terms.at(-1)
    const isOpen = open !== undefined && open.split('(').length > open.split(')').length
    if (isOpen) terms[terms.length - 1] = `${open} AND ${part}`
    else terms.push(part)
  }
  return terms
}

const conditionsIn = (writes: readonly Write[]): Term[] =>
  writes.flatMap(({ label, condition }) =>
    condition === undefined ? [] : termsOf(condition).map((text) => ({ label, text })),
  )

/** DynamoDB refuses names and values that no expression uses. */
const among = <T>(given: Readonly<Record<string, T>> | undefined, expressions: string) => {
  const words = new Set(expressions.match(/[#:]\w+/g) ?? [])
  const used = Object.entries(given ?? {}).filter(([word]) => words.has(word))
  return used.length === 0 ? undefined : Object.fromEntries(used)
}

/** The same transaction, without one of its conditions. */
const without = (writes: readonly Write[], { label, text }: Term): Write[] =>
  writes.flatMap((write): Write[] => {
    const { condition, names, values, ...rest } = write
    if (write.label !== label || condition === undefined || !termsOf(condition).includes(text)) return [write]
    const left = termsOf(condition)
      .filter((term) => term !== text)
      .join(' AND ')
    if (left === '' && 'check' in rest) return []
    const expressions = `${left} ${'set' in write ? write.set : ''}`
    const [usedNames, usedValues] = [among(names, expressions), among(values, expressions)]
    return [
      {
        ...rest,
        ...(left === '' ? {} : { condition: left }),
        ...(usedNames === undefined ? {} : { names: usedNames }),
        ...(usedValues === undefined ? {} : { values: usedValues }),
      } as Write,
    ]
  })

/** Ids of the deed are spelt with other letters than those of its rival, so that a state tells whose a new one is. */
const bytesFrom =
  (least: number): RandomBytes =>
  (size) =>
    Uint8Array.from({ length: size }, () => randomInt(least, least + 18))
const ofRival = bytesFrom(0)
const ofDeed = bytesFrom(18)

const byChance = /[0-9a-f]{64}|(?<!org_[0-9a-z]*)[0-9a-z]{12,}/g
const itemsPerCall = 25

/**
 * Deeds on a table that is each time as it is now. Two states are the same if they differ by nothing but what chance gave.
 *
 * @param deeds by their names
 */
export const interleaving = async (table: Table, deeds: Readonly<Record<string, Deed>>) => {
  const start = await allItems(table)
  let last = start
  const startText = JSON.stringify(start)
  const startByKey = new Map(start.map((item) => [keyOf(item), item]))

  const restore = async (): Promise<void> => {
    const now = new Map(last.map((item) => [keyOf(item), item]))
    const requests = [
      ...start
        .filter((item) => !isDeepStrictEqual(now.get(keyOf(item)), item))
        .map((Item) => ({ PutRequest: { Item } })),
      ...[...now.values()]
        .filter((item) => !startByKey.has(keyOf(item)))
        .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ]
    for (let from = 0; from < requests.length; from += itemsPerCall)
      await table.client.send(
        new BatchWriteCommand({
          RequestItems: { [table.tableName]: requests.slice(from, from + itemsPerCall) },
        }),
      )
  }

  const state = async (): Promise<string[]> => {
    last = await allItems(table)
    return last
      .map((item) =>
        JSON.stringify(Object.entries(item).toSorted(([one], [other]) => (one < other ? -1 : 1))),
      )
      .map((text) =>
        text.replace(byChance, (found) => {
          if (startText.includes(found)) return found
          return /[0-9a-h]$/.test(found) ? 'made by the rival' : 'made by the deed'
        }),
      )
      .toSorted()
  }

  const done = (name: string, hands: Hands): Promise<string> => {
    const deed = deeds[name]
    if (deed === undefined) throw new Error(`there is no deed "${name}"`)
    return refusalCode(deed(hands))
  }
  const write: WriteTransaction = (writes) => writeTransaction(table, writes)
  const byRival = { write, randomBytes: ofRival }

  return {
    /** One after the other. */
    inTurn: async (rival: string, name: string) => {
      await restore()
      const rivalAnswer = await done(rival, byRival)
      const between = await state()
      const answer = await done(name, { write, randomBytes: ofDeed })
      return { rivalAnswer, between, answer, after: await state() }
    },
    /** The rival is done whole between what the deed reads and its first transaction, which may lack a condition. */
    overtaken: async (name: string, rival: string, lacking?: Term) => {
      await restore()
      const conditions: Term[] = []
      let isFirst = true
      const overtakenWrite: WriteTransaction = async (writes) => {
        if (!isFirst) return await write(writes)
        isFirst = false
        conditions.push(...conditionsIn(writes))
        await done(rival, byRival)
        return await write(lacking === undefined ? writes : without(writes, lacking))
      }
      const answer = await done(name, { write: overtakenWrite, randomBytes: ofDeed })
      return { answer, conditions, after: await state() }
    },
  }
}
