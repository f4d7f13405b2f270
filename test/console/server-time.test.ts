import { afterEach, expect, it, vi } from 'vitest'
import { noteServerTime, serverNow } from '../../console/client/server-time.ts'

const minute = 60_000
/** How far, in minutes, the console believes its own clock to be ahead. */
const believed = () => Math.round((Date.now() - serverNow()) / minute)
const header = (minutesAhead: number) => new Date(Date.now() - minutesAhead * minute).toUTCString()

afterEach(() => noteServerTime(header(0)))

it.each([-600, -31, 0, 1, 45, 100_000])(
  'takes the time of the server, with a clock %d minutes ahead',
  (ahead) => {
    noteServerTime(header(ahead))
    expect(believed()).toBe(ahead)
  },
)

it('follows a clock that is set right, and keeps what it knows where an answer says nothing', () => {
  noteServerTime(header(45))
  for (const unreadable of [null, '', 'yesterday']) noteServerTime(unreadable)
  expect(believed()).toBe(45)
  noteServerTime(header(0))
  expect(believed()).toBe(0)
})

it('takes the seconds that an answer was under way for no difference', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  noteServerTime(new Date(Date.now() - 3000).toUTCString())
  expect(serverNow()).toBe(Date.now())
})
