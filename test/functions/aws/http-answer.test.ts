import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerReader } from '../../../functions/wiring/aws/http-answer.ts'

const closes = 'connection: Close'
const chunksOf = (body: Buffer, size: number): Buffer[] =>
  body.length === 0 ? [] : [body.subarray(0, size), ...chunksOf(body.subarray(size), size)]
const chunked = (body: Buffer, size: number, trailer = ''): Buffer =>
  Buffer.concat([
    ...chunksOf(body, size).flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)};of=size\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`0\r\n${trailer}\r\n`),
  ])
const answerOf = (headers: readonly string[], body: Buffer, first = 'HTTP/1.1 200 OK'): Buffer =>
  Buffer.concat([Buffer.from(`${[first, ...headers].join('\r\n')}\r\n\r\n`), body])

/** What is read of the parts, in the order of which they come. */
const read = (parts: readonly (Buffer | null)[]) => {
  const reader = answerReader()
  const answers = parts.map((part) => reader(part))
  expect(answers.slice(0, -1).filter((answer) => answer !== undefined)).toEqual([])
  return answers.at(-1)
}
const readAll = (text: string) => answerReader()(Buffer.from(text, 'latin1'))

describe('an answer', () => {
  it('is the same in whatever parts it comes, however its end is marked', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom('length', 'chunked', 'chunked with a trailer', 'end'),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 4 }),
        (said, framing, size, cuts) => {
          // Ends of lines in it look like ends of chunks.
          const text = `${said}\r\n\r\n${said}\n`
          const body = Buffer.from(text)
          const isChunked = framing.startsWith('chunked')
          const trailer = framing === 'chunked' ? '' : 'expires: never\r\n'
          const marks: Readonly<Record<string, string[]>> = {
            length: [`Content-Length:${body.length}`],
            end: [],
          }
          const headers = marks[framing] ?? ['Transfer-Encoding: Chunked']
          const bytes = answerOf(
            ['X-Amzn-RequestId:  R1 ', ...headers],
            isChunked ? chunked(body, size, trailer) : body,
          )
          const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].toSorted((a, b) => a - b)
          const parts = places
            .slice(1)
            .map((place, index) => bytes.subarray(places[index], place))
            .filter((part) => part.length > 0)
          const answer = read(framing === 'end' ? [...parts, null] : parts)
          expect(answer).toMatchObject({ status: 200, text, keepsConnection: framing !== 'end' })
          expect(answer?.headers.get('x-amzn-requestid')).toBe('R1')
        },
      ),
    )
  })

  it('keeps the connection unless the service says that it closes it', () => {
    const keeps = (first: string, ...headers: string[]) =>
      readAll(answerOf(['content-length: 0', ...headers], Buffer.alloc(0), first).toString())?.keepsConnection
    expect(keeps('HTTP/1.1 200 OK')).toBe(true)
    expect(keeps('HTTP/1.1 200 OK', 'connection: keep-alive')).toBe(true)
    expect(keeps('HTTP/1.1 200 OK', closes)).toBe(false)
    expect(keeps('HTTP/1.1 200 OK', 'connection: keep-alive', closes)).toBe(false)
    expect(keeps('HTTP/1.0 200 OK')).toBe(false)
  })

  it('has its status, also without a reason', () => {
    expect(readAll('HTTP/1.1 503\r\ncontent-length: 0\r\n\r\n')?.status).toBe(503)
    expect(readAll('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')?.status).toBe(400)
  })

  it('is not read from anything else', () => {
    const headersOf = (...headers: string[]) => `HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\n\r\n`
    const inChunks = headersOf('transfer-encoding: chunked')
    for (const text of [
      'HTTP/2 200\r\ncontent-length: 0\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n',
      'SSH-2.0-OpenSSH\r\n\r\n',
      headersOf('content-length: 0', 'no colon'),
      headersOf('content-length: 0', ' folded: line'),
      headersOf('content-length : 0'),
      headersOf('content-length: -1'),
      headersOf('content-length: 2', 'content-length: 3'),
      headersOf('content-length: 2', 'transfer-encoding: chunked'),
      headersOf('transfer-encoding: gzip, chunked'),
      `${headersOf('content-length: 2')}{}{`,
      `${inChunks}2\r\n{}{}\r\n0\r\n\r\n`,
      `${inChunks}-2\r\n{}\r\n0\r\n\r\n`,
      `${inChunks}2x\r\n{}\r\n0\r\n\r\n`,
      `${inChunks}0\r\n\r\nHTTP/1.1 200 OK\r\n`,
      `HTTP/1.1 200 OK\r\n${'x'.repeat(16_384)}`,
    ])
      expect(() => readAll(text), text).toThrow('is not HTTP/1.1')
  })

  it('is not taken for whole if the connection ends before it does', () => {
    for (const text of [
      '',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n',
    ]) {
      const reader = answerReader()
      expect(reader(Buffer.from(text)), text).toBeUndefined()
      expect(() => reader(null), text).toThrow('it ends early')
    }
  })
})
